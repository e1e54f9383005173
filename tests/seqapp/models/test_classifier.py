import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import (
    ClassifierConfig,
    NgramEmbeddingConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
)
from seqapp.errors import ConfigError
from seqapp.models.classifier import Classifier

IDS = tf.constant([[5, 6, 7, 2], [8, 2, 0, 0]])
ENCODERS = {
    "recurrent": RecurrentEncoderConfig(units=8),
    "transformer": TransformerEncoderConfig(units=8, heads=2, feedforward_units=16),
}


def model(encoder="transformer", seed=1, ngram_dropout=0.5, **config):
    random.seed(seed)
    ngrams = NgramEmbeddingConfig(longest=2, buckets=32, dropout=ngram_dropout)
    sizes = {"embedding_size": 8, "encoder": ENCODERS[encoder], "ngrams": ngrams}
    found = Classifier(12, 3, ClassifierConfig(**{**sizes, **config}))
    found.build()
    return found


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("pooling", ["last", "mean", "attention"])
def test_padding_changes_nothing(encoder, pooling):
    classifier = model(encoder, pooling=pooling)
    together = classifier(IDS)
    assert together.shape == (2, 3)
    assert together.dtype == tf.float32
    np.testing.assert_allclose(classifier(IDS[1:, :2]), together[1:], atol=1e-5)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_the_parts_give_what_the_whole_gives(encoder, pooling):
    classifier = model(encoder, pooling=pooling)
    vectors, mask = classifier.embedding(IDS)
    memory, summary = classifier.memory(vectors, mask)
    assert summary.shape == (2, classifier.encoder.summary_units)
    context, weights = classifier.context(vectors, mask)
    assert weights.shape == (2, 4)
    np.testing.assert_allclose(
        context, summary if pooling == "last" else classifier.pooling(memory, summary, mask)[0], atol=1e-6
    )
    np.testing.assert_allclose(classifier.scores(vectors, mask), classifier(IDS), atol=1e-6)


def test_training_hides_tokens():
    classifier = model(dropout=0.0, token_dropout=0.9, ngram_dropout=0.0)
    long = tf.constant([list(range(4, 12)) * 8])
    outputs = {tuple(classifier(long, training=True).numpy().ravel().tolist()) for _ in range(4)}
    assert len(outputs) > 1
    np.testing.assert_array_equal(classifier(IDS), classifier(IDS))


def test_gradients_reach_every_weight():
    classifier = model(ngram_dropout=0.0, token_dropout=0.0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(classifier(IDS, training=True)[:, 0])
    gradients = tape.gradient(loss, [w.value for w in classifier.trainable_weights])
    assert all(gradient is not None for gradient in gradients)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_no_mask_reaches_the_loss(encoder):
    assert getattr(model(encoder)(IDS), "_keras_mask", None) is None


@pytest.mark.parametrize("encoder", ENCODERS)
def test_save_and_load_without_custom_objects(tmp_path, encoder):
    classifier = model(encoder)
    classifier.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.config == classifier.config
    np.testing.assert_allclose(again(IDS), classifier(IDS), atol=1e-6)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_what_training_draws_depends_on_the_seed_alone(encoder):
    ids = tf.constant([[5, 6, 7, 8, 9, 2]] * 8)
    first, again, other = (model(encoder, seed)(ids, training=True).numpy() for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    # Each row draws its own tokens to hide.
    assert np.abs(first - first[:1]).max() > 1e-4


@pytest.mark.parametrize("argument", ["vocabulary_size", "classes"])
def test_no_classes_and_no_vocabulary(argument):
    with pytest.raises(ConfigError, match=f"{argument}: expected an integer of at least 1, got 0"):
        Classifier(**{"vocabulary_size": 12, "classes": 3, "config": ClassifierConfig(), argument: 0})
