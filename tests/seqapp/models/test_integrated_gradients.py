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
    linear = tf.constant([[0.5, -0.5], [1.0, 2.0], [0.0, 0.0], [-1.0, 1.0]])
    found = attributions(task.model, ids, linear, classes, steps=200)
    vectors = task.model.embedding(ids)
    mask = tf.not_equal(ids, 0)
    difference = log_odds(task.model.scores(vectors, mask) + linear, classes, True) - log_odds(
        task.model.scores(tf.zeros_like(vectors), mask), classes, True
    )
    total = tf.reduce_sum(found.pieces, axis=1) + tf.reduce_sum(found.linear * linear, axis=1)
    np.testing.assert_allclose(total, difference, atol=2e-2)
    assert (found.pieces.numpy()[~mask.numpy()] == 0).all()


def test_classes_that_exclude_each_other_are_opposed():
    task = small_classifier()
    ids, _ = task.encode(TEXTS)
    linear = tf.zeros([4, 2])
    first, second = (attributions(task.model, ids, linear, tf.fill([4], place)) for place in (0, 1))
    np.testing.assert_allclose(first.pieces, -second.pieces, atol=1e-5)
    np.testing.assert_allclose(first.linear, -second.linear, atol=1e-5)
