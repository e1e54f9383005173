import numpy as np
import pytest
import tensorflow as tf

from seqapp.models.integrated_gradients import attributions, log_odds
from tests.support.classification import LABELLED, small_classifier

TEXTS = tf.constant([text for text, _ in LABELLED])


def test_log_odds_by_hand():
    scores = tf.constant([[1.0, 3.0], [2.0, 0.0]])
    np.testing.assert_allclose(log_odds(scores, tf.constant([1, 1]), True), [2, -2], rtol=1e-6)
    np.testing.assert_allclose(log_odds(scores, tf.constant([1, 0]), False), [3, 2])
    three = tf.constant([[0.0, 0.0, 0.0]])
    np.testing.assert_allclose(log_odds(three, tf.constant([0]), True), [-np.log(2)], rtol=1e-6)


@pytest.mark.parametrize("encoder", ["stack", "recurrent"])
def test_the_parts_sum_to_the_difference(encoder):
    task = small_classifier(encoder=encoder)
    ids, _ = task.encode(TEXTS)
    classes = tf.constant([0, 1, 0, 1])
    parts = attributions(task.model, ids, classes, steps=200)
    vectors = task.model.embedding(ids)
    mask = tf.not_equal(ids, 0)
    difference = log_odds(task.model.scores(vectors, mask), classes, True) - log_odds(
        task.model.scores(tf.zeros_like(vectors), mask), classes, True
    )
    np.testing.assert_allclose(tf.reduce_sum(parts, axis=1), difference, atol=2e-2)
    assert (parts.numpy()[~mask.numpy()] == 0).all()


def test_classes_that_exclude_each_other_are_opposed():
    task = small_classifier()
    ids, _ = task.encode(TEXTS)
    for_first, for_second = (attributions(task.model, ids, tf.fill([4], place)) for place in (0, 1))
    np.testing.assert_allclose(for_first, -for_second, atol=1e-5)
