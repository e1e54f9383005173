import logging

import numpy as np
import tensorflow as tf

from seqapp.tasks.scores_of_texts import ScoresOfTexts


def lengths_and_ones(text):
    return tf.stack([tf.cast(tf.strings.length(text), tf.float32), tf.ones(tf.shape(text))], axis=1)


def test_scores_are_in_the_order_of_the_texts():
    scores = ScoresOfTexts(lengths_and_ones, 2)(["three", "a", "ab"])
    np.testing.assert_array_equal(scores, [[5, 1], [1, 1], [2, 1]])


def test_no_texts_have_no_scores():
    assert ScoresOfTexts(lengths_and_ones, 2)([]).shape == (0, 2)


def test_functions_of_many_tasks_are_not_taken_for_one_that_is_traced_again(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("tensorflow"), "propagate", True)
    for _ in range(8):
        ScoresOfTexts(lengths_and_ones, 2)(["a"])
    assert "retracing" not in caplog.text
