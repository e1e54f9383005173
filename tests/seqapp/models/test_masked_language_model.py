import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import (
    CausalTransformerEncoderConfig,
    MaskedLanguageModelConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
)
from seqapp.errors import ConfigError
from seqapp.losses import TokenLoss
from seqapp.models.classifier import Classifier
from seqapp.models.masked_language_model import MaskedLanguageModel

ENCODERS = {
    "transformer": TransformerEncoderConfig(units=8, layers=2, heads=2, dropout=0.1),
    "learned": TransformerEncoderConfig(units=8, heads=2, positions="learned", max_positions=16),
    "lstm": RecurrentEncoderConfig(units=8, layers=2, dropout=0.1),
    "gru": RecurrentEncoderConfig(units=8, cell="gru"),
}
# Tokens, 3 for the mask, 2 for the end; padding on the right.
IDS = np.array([[5, 3, 7, 8, 9, 5, 2], [8, 3, 6, 2, 0, 0, 0]])
encoders = pytest.mark.parametrize("name", ENCODERS)


def small(name, dtype="float32", **changes):
    random.seed(1)
    config = MaskedLanguageModelConfig(embedding_size=6, encoder=ENCODERS[name].with_changes(**changes))
    network = MaskedLanguageModel(12, config, dtype=dtype)
    network.build()
    return network


@encoders
def test_probabilities_sum_to_1_over_ordinary_tokens(name):
    logits = small(name)(IDS)
    assert (logits.shape, logits.dtype) == ((2, 7, 12), tf.float32)
    probabilities = tf.nn.softmax(logits).numpy()
    np.testing.assert_allclose(probabilities[:, :, 4:].sum(axis=2), 1.0, rtol=1e-6)
    assert not probabilities[:, :, :4].any()


@encoders
def test_places_are_positions_of_all_logits(name):
    network = small(name)
    places = np.array([[1, 4], [1, 0]])
    found = network({"ids": IDS, "places": places})
    np.testing.assert_allclose(found, tf.gather(network(IDS), places, batch_dims=1), atol=1e-5)


@encoders
def test_alone_equals_in_a_batch(name):
    network = small(name)
    np.testing.assert_allclose(network(IDS)[1:, :4], network(IDS[1:, :4]), atol=1e-5)
    np.testing.assert_allclose(network.context(IDS)[1:], network.context(IDS[1:, :4]), atol=1e-5)


@encoders
def test_tokens_on_both_sides_count(name):
    network = small(name)
    before = network(IDS).numpy()[0, 1]
    for place in (0, 5):
        changed = IDS.copy()
        changed[0, place] = 11
        assert np.abs(network(changed).numpy()[0, 1] - before).max() > 1e-6


@encoders
def test_the_context_vector_is_the_mean_of_the_memory(name):
    network = small(name)
    memory, mask = network.memory(IDS)
    assert mask.numpy().tolist() == [[True] * 7, [True] * 4 + [False] * 3]
    found = network.context(IDS)
    assert (found.shape, found.dtype) == ((2, 8), tf.float32)
    np.testing.assert_allclose(found[1], memory[1, :4].numpy().mean(axis=0), atol=1e-5)


@encoders
def test_every_weight_gets_a_gradient(name):
    network = small(name)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits([[6], [7]], network(
            {"ids": IDS, "places": np.array([[1], [1]])}
        )))
    variables = [weight.value for weight in network.trainable_weights]
    for weight, gradient in zip(network.trainable_weights, tape.gradient(loss, variables), strict=True):
        assert gradient is not None, weight.path


@pytest.mark.parametrize("name", ["transformer", "gru"])
def test_a_missing_word_is_learnt(name):
    """The sentence 4 5 6 7 8, of which each token is masked in turn."""
    network = small(name, units=16, dropout=0.0)
    network.compile(keras.optimizers.Adam(0.02), TokenLoss())
    sentence = np.array([4, 5, 6, 7, 8, 2])
    ids = np.tile(sentence, (5, 1))
    np.fill_diagonal(ids, 3)
    places = np.arange(5)[:, None]
    steps = tf.data.Dataset.from_tensors(({"ids": ids, "places": places}, sentence[:5, None])).repeat(150)
    network.fit(steps, shuffle=False, verbose=0)
    probabilities = tf.nn.softmax(network({"ids": ids, "places": places}))[:, 0].numpy()
    assert probabilities.argmax(axis=1).tolist() == [4, 5, 6, 7, 8]
    assert probabilities.max(axis=1).min() > 0.9


@encoders
def test_it_is_saved_and_loaded(name, tmp_path):
    network = small(name)
    network.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(IDS), network(IDS), atol=1e-6)


@pytest.mark.parametrize("name", ["transformer", "lstm"])
def test_half_precision_gives_float32_logits(name):
    logits = small(name, dtype="mixed_bfloat16")(IDS)
    assert logits.dtype == tf.float32
    assert np.isfinite(logits.numpy()).all()


@encoders
def test_embedding_and_encoder_have_the_weights_of_a_classifier(name):
    classifier = Classifier(12, 2, {"embedding_size": 6, "encoder": ENCODERS[name].model_dump()})
    classifier.build()
    network = small(name)
    for part in ("embedding", "encoder"):
        own, other = (
            [(one.path.partition(part)[2], one.shape) for one in getattr(model, part).trainable_weights]
            for model in (network, classifier)
        )
        assert own == other


def test_one_direction_is_refused():
    with pytest.raises(ConfigError, match="bidirectional must be true with kind=masked"):
        MaskedLanguageModelConfig(encoder=RecurrentEncoderConfig(bidirectional=False))
    with pytest.raises(ConfigError, match=r"encoder\.kind must not be causal_transformer"):
        MaskedLanguageModelConfig(encoder=CausalTransformerEncoderConfig())
    with pytest.raises(ConfigError, match="mask_rate must be greater than 0, got 0.0"):
        MaskedLanguageModelConfig(mask_rate=0.0)
