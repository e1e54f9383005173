import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import RecurrentLanguageModelConfig
from seqapp.errors import ConfigError
from seqapp.losses import TokenLoss
from seqapp.models.recurrent_language_model import RecurrentLanguageModel

# BOS, tokens, EOS; padding on the right.
IDS = tf.constant([[1, 5, 6, 7, 2], [1, 8, 2, 0, 0]])
SIZES = {
    "lstm": {"cell": "lstm", "layers": 2},
    "gru": {"cell": "gru", "embedding_size": 8},
    "simple_rnn": {"cell": "simple_rnn", "tied": False},
}


def model(name="lstm", **changes):
    random.seed(1)
    config = {"units": 8, "embedding_size": 6, **SIZES[name], **changes}
    found = RecurrentLanguageModel(12, RecurrentLanguageModelConfig(**config))
    found.build()
    return found


@pytest.mark.parametrize("name", SIZES)
def test_probabilities_sum_to_1_without_padding_and_begin(name):
    logits = model(name)(IDS)
    assert (logits.shape, logits.dtype) == ((2, 5, 12), tf.float32)
    probabilities = tf.nn.softmax(logits).numpy()
    np.testing.assert_allclose(probabilities[:, :, 2:].sum(axis=2), 1.0, rtol=1e-6)
    assert not probabilities[:, :, :2].any()


@pytest.mark.parametrize("name", SIZES)
def test_step_equals_sequence(name):
    network = model(name)
    whole = tf.nn.log_softmax(network(IDS)).numpy()
    state, summed = network.initial_state(2), np.zeros(2)
    for t in range(4):
        log_probabilities, state = network.step(IDS[:, t], state)
        np.testing.assert_allclose(log_probabilities, whole[:, t], rtol=1e-4, atol=1e-5)
        summed += np.where(IDS[:, t + 1] > 0, log_probabilities.numpy()[range(2), IDS[:, t + 1]], 0.0)
    each = network.sequence(IDS).numpy()
    assert each.shape == (2, 4)
    assert not each[1, 2:].any()
    np.testing.assert_allclose(each.sum(axis=1), summed, rtol=1e-5)


@pytest.mark.parametrize("name", SIZES)
def test_alone_equals_in_a_batch(name):
    network = model(name)
    np.testing.assert_allclose(network.sequence(IDS)[1:, :2], network.sequence(IDS[1:, :3]), atol=1e-6)


@pytest.mark.parametrize("name", SIZES)
def test_read_gives_the_state_after_so_many_ids(name):
    network = model(name)
    stepped = network.initial_state(2)
    for t in range(2):
        _, stepped = network.step(IDS[:, t], stepped)
    read = network.read(IDS, tf.constant([2, 2]))
    for one, other in zip(tf.nest.flatten(read), tf.nest.flatten(stepped), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    nothing = network.read(IDS, tf.constant([0, 2]))
    assert not any(leaf[0].numpy().any() for leaf in tf.nest.flatten(nothing))
    context = network.context(IDS, tf.constant([2, 2]))
    assert context.shape == (2, 8)
    np.testing.assert_allclose(context, read[-1][0])


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_hello_is_learnt(cell):
    """The characters h, e, l, l, o as ids 4, 5, 6, 6, 7: after h comes e, after hell comes o."""
    config = RecurrentLanguageModelConfig(cell=cell, units=16, embedding_size=16, dropout=0.0)
    network = RecurrentLanguageModel(8, config)
    network.compile(keras.optimizers.Adam(0.03), TokenLoss())
    hello = np.array([[1, 4, 5, 6, 6, 7, 2]] * 4)
    network.fit(hello[:, :-1], hello[:, 1:], epochs=80, verbose=0)
    probabilities = tf.nn.softmax(network(hello[:1, :-1]))[0].numpy()
    assert probabilities.argmax(axis=1).tolist() == [4, 5, 6, 6, 7, 2]
    assert probabilities.max(axis=1).min() > 0.98


def test_tied_embeddings_have_one_table():
    tied, own = (model("gru", tied=tied).count_params() for tied in (True, False))
    assert own - tied == 12 * 8


@pytest.mark.parametrize("name", SIZES)
def test_it_is_saved_and_loaded(name, tmp_path):
    network = model(name)
    network.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(IDS), network(IDS), atol=1e-6)


def test_half_precision_gives_float32_logits():
    config = RecurrentLanguageModelConfig(units=8, embedding_size=6)
    network = RecurrentLanguageModel(12, config, dtype="mixed_bfloat16")
    assert network(IDS).dtype == tf.float32
    assert network.step(IDS[:, 0], network.initial_state(2))[0].dtype == tf.float32


def test_wrong_sizes_are_refused():
    with pytest.raises(ConfigError, match="vocabulary_size: expected an integer of at least 1, got 0"):
        RecurrentLanguageModel(0, RecurrentLanguageModelConfig())
    with pytest.raises(ConfigError, match="cell must be 'lstm', 'gru' or 'simple_rnn', got 'rnn'"):
        RecurrentLanguageModel(12, {"cell": "rnn"})
