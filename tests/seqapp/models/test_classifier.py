import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import ClassifierConfig
from seqapp.models.classifier import Classifier, character_buckets
from tests.support.classification import small_classifier

IDS = tf.constant([[5, 6, 7, 2], [8, 2, 0, 0]])


def model(**config):
    sizes = {"embedding_size": 8, "encoder_units": 8, "heads": 2, "feedforward_units": 16, "ngrams": 2}
    found = Classifier(12, 3, ClassifierConfig(**{**sizes, "ngram_buckets": 32, **config}))
    found.build()
    return found


@pytest.mark.parametrize("encoder", ["stack", "recurrent"])
@pytest.mark.parametrize("pooling", ["last", "mean", "attention"])
def test_padding_changes_nothing(encoder, pooling):
    classifier = model(encoder=encoder, pooling=pooling)
    together = classifier(IDS)
    assert together.shape == (2, 3)
    assert together.dtype == tf.float32
    np.testing.assert_allclose(classifier(IDS[1:, :2]), together[1:], atol=1e-5)


def test_probabilities_by_hand():
    classifier = model()
    classifier.temperature.assign(2.0)
    np.testing.assert_allclose(
        classifier.probabilities(tf.constant([[0.0, 2 * np.log(2), 2 * np.log(5)]])), [[1 / 8, 2 / 8, 5 / 8]]
    , rtol=1e-5)
    several = Classifier(12, 3, classifier.config, exclusive=False)
    several.build()
    np.testing.assert_allclose(several.probabilities(tf.constant([[0.0, np.log(3), 0]])), [[0.5, 0.75, 0.5]])


def test_the_temperature_is_not_trained():
    classifier = model()
    assert all(weight is not classifier.temperature for weight in classifier.trainable_weights)
    assert any("temperature" in weight.path for weight in classifier.weights)


def test_training_hides_pieces():
    classifier = model(dropout=0.0, token_dropout=0.9, ngram_dropout=0.0)
    long = tf.constant([list(range(4, 12)) * 8])
    outputs = {tuple(classifier(long, training=True).numpy().ravel().tolist()) for _ in range(4)}
    assert len(outputs) > 1
    np.testing.assert_array_equal(classifier(IDS), classifier(IDS))


def test_gradients_reach_every_weight():
    classifier = model(ngram_dropout=0.0, token_dropout=0.0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(classifier(IDS, training=True)[:, 0])
    gradients = tape.gradient(loss, classifier.trainable_variables)
    assert all(gradient is not None for gradient in gradients)


@pytest.mark.parametrize("encoder", ["stack", "recurrent"])
def test_no_mask_reaches_the_loss(encoder):
    classifier = model(encoder=encoder)
    assert getattr(classifier(IDS), "_keras_mask", None) is None


def test_serialisation():
    classifier = model()
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(classifier))
    assert again.config == classifier.config
    assert again.exclusive is True


@pytest.mark.parametrize(
    ("wanted", "classes", "buckets"),
    [(2**20, 2, 2**20), (2**20, 16, 2**20), (2**20, 17, 2**19), (2**20, 300, 2**15), (128, 10**6, 128)],
)
def test_many_classes_get_fewer_buckets(wanted, classes, buckets):
    assert character_buckets(wanted, classes) == buckets


@pytest.mark.parametrize("encoder", ["stack", "recurrent"])
def test_what_training_draws_depends_on_the_seed_alone(encoder):
    ids = tf.constant([[5, 6, 7, 8, 9, 2]] * 8)
    first, again, other = (
        small_classifier(seed, encoder=encoder).model(ids, training=True).numpy() for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    # Each row draws its own pieces to hide.
    assert np.abs(first - first[:1]).max() > 1e-4
