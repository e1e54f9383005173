import random

import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import ClassifierConfig, RecurrentEncoderConfig, TransformerEncoderConfig
from seqapp.models.classifier import Classifier
from seqapp.models.integrated_gradients import attributions, log_odds

IDS = tf.constant([[5, 6, 7, 2], [8, 2, 0, 0], [9, 9, 4, 2], [2, 0, 0, 0]])
ENCODERS = {
    "recurrent": RecurrentEncoderConfig(units=8),
    "transformer": TransformerEncoderConfig(units=8, heads=2, feedforward_units=16),
}


def model(encoder="transformer"):
    random.seed(1)
    found = Classifier(12, 2, ClassifierConfig(embedding_size=8, encoder=ENCODERS[encoder]))
    found.build()
    return found


def test_log_odds_by_hand():
    scores = tf.constant([[1.0, 3.0], [2.0, 0.0]])
    np.testing.assert_allclose(log_odds(scores, tf.constant([1, 1]), True), [2, -2], rtol=1e-6)
    np.testing.assert_allclose(log_odds(scores, tf.constant([1, 0]), False), [3, 2])
    three = tf.constant([[0.0, 0.0, 0.0]])
    np.testing.assert_allclose(log_odds(three, tf.constant([0]), True), [-np.log(2)], rtol=1e-6)


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("encoder", ENCODERS)
def test_the_parts_sum_to_the_difference(encoder, exclusive):
    classifier = model(encoder)
    classes = tf.constant([0, 1, 0, 1])
    linear = tf.constant([[0.5, -0.5], [1.0, 2.0], [0.0, 0.0], [-1.0, 1.0]])
    found = attributions(classifier, IDS, linear, classes, exclusive, steps=200)
    vectors, mask = classifier.embedding(IDS)
    difference = log_odds(classifier.scores(vectors, mask) + linear, classes, exclusive) - log_odds(
        classifier.scores(tf.zeros_like(vectors), mask), classes, exclusive
    )
    total = tf.reduce_sum(found.tokens, axis=1) + tf.reduce_sum(found.linear * linear, axis=1)
    np.testing.assert_allclose(total, difference, atol=2e-2)
    assert (found.tokens.numpy()[~mask.numpy()] == 0).all()


def test_classes_that_exclude_each_other_are_opposed():
    classifier = model()
    linear = tf.zeros([4, 2])
    first, second = (attributions(classifier, IDS, linear, tf.fill([4], place), True) for place in (0, 1))
    np.testing.assert_allclose(first.tokens, -second.tokens, atol=1e-5)
    np.testing.assert_allclose(first.linear, -second.linear, atol=1e-5)
