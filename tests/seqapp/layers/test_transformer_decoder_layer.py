import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.transformer_decoder_layer import TransformerDecoderLayer
from tests.support.layers import check_layer

X = tf.random.normal([2, 4, 8], seed=1)
MEMORY = tf.random.normal([2, 5, 6], seed=2)
MASK = tf.sequence_mask([5, 2], 5)


@pytest.mark.slow
def test_layer_contract():
    shapes = {"x_shape": (2, 4, 8), "memory_shape": (2, 5, 6)}
    layer = check_layer(
        TransformerDecoderLayer,
        {"units": 8, "heads": 2, "feedforward_units": 12, "activation": "gelu", "dropout": 0.3},
        lambda layer: layer(X, MEMORY, MASK),
        input_shape=shapes,
        input_dtype=dict.fromkeys(shapes, "float32"),
        supports_masking=True,
        expected_output_shape=((2, 4, 8), (2, 2, 4, 4), (2, 2, 4, 5)),
    )
    x, of_self, of_memory = layer(X, MEMORY, MASK)
    assert x.shape == X.shape
    np.testing.assert_allclose(tf.reduce_sum(of_self, -1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(tf.reduce_sum(of_memory, -1), 1.0, rtol=1e-5)


def test_no_position_attends_to_a_later_one_or_to_padding_of_the_memory():
    layer = TransformerDecoderLayer(8, 2)
    x, of_self, of_memory = layer(X, MEMORY, MASK)
    assert not np.triu(of_self, 1).any()
    assert not of_memory[1, :, :, 2:].numpy().any()
    changed, *_ = layer(tf.concat([X[:, :2], -X[:, 2:]], axis=1), MEMORY, MASK)
    difference = np.abs(changed - x).max(axis=(0, 2))
    assert (difference[:2] < 1e-6).all()
    assert (difference[2:] > 1e-3).all()


def test_one_query_by_hand():
    # units 1, weights 1 and biases 0: at the first position the norm gives 0 and self-attention adds 0;
    # cross-attention with the query 0 weighs both values alike: (2 + 4) / 2 = 3; the feed-forward adds 0.
    layer = TransformerDecoderLayer(1, 1, feedforward_units=1)
    layer.build((None, None, 1), (None, None, 1))
    layer.set_weights([(np.zeros if w.name in ("bias", "beta") else np.ones)(w.shape) for w in layer.weights])
    x, _, of_memory = layer(tf.constant([[[5.0]]]), tf.constant([[[2.0], [4.0]]]))
    np.testing.assert_allclose(of_memory[0, 0, 0], [0.5, 0.5])
    np.testing.assert_allclose(x, [[[5.0 + 3.0]]], rtol=1e-5)


def test_keys_and_values_once_give_what_the_memory_gives():
    layer = TransformerDecoderLayer(8, 2)
    expected, *_ = layer(X, MEMORY, MASK)
    keys, values = layer.project(MEMORY)
    assert keys.shape == values.shape == (2, 2, 5, 4)
    np.testing.assert_array_equal(layer(X, keys=keys, values=values, memory_mask=MASK)[0], expected)


def test_position_by_position_equals_the_sequence():
    layer = TransformerDecoderLayer(8, 2)
    expected, of_self, of_memory = layer(X, MEMORY, MASK)
    cache = layer.self_attention.empty_cache(2, 6)
    for t in range(4):
        position = tf.fill([2], t)
        x, step_self, step_memory, cache = layer(
            X[:, t : t + 1], MEMORY, MASK, cache=cache, position=position
        )
        np.testing.assert_allclose(x[:, 0], expected[:, t], atol=1e-5)
        np.testing.assert_allclose(step_self[:, :, 0, : t + 1], of_self[:, :, t, : t + 1], atol=1e-6)
        assert not step_self[..., t + 1 :].numpy().any()
        np.testing.assert_allclose(step_memory[:, :, 0], of_memory[:, :, t], atol=1e-6)


def test_a_memory_without_a_valid_position_stays_finite():
    x, _, of_memory = TransformerDecoderLayer(8, 2)(X, MEMORY, tf.zeros([2, 5], tf.bool))
    assert np.isfinite(x).all()
    assert not of_memory.numpy().any()


def test_the_mask_of_the_memory_by_keras():
    memory = keras.layers.Embedding(3, 6, mask_zero=True)(tf.constant([[1, 2, 0], [1, 0, 0]]))
    _, _, of_memory = TransformerDecoderLayer(8, 2)(X, memory)
    assert not of_memory[0, :, :, 2:].numpy().any()
    assert not of_memory[1, :, :, 1:].numpy().any()


def test_dropout_only_in_training():
    layer = TransformerDecoderLayer(8, 2, dropout=0.5)
    np.testing.assert_array_equal(layer(X, MEMORY)[0], layer(X, MEMORY)[0])
    assert np.abs(layer(X, MEMORY, training=True)[0] - layer(X, MEMORY)[0]).max() > 1e-3


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("units", 0),
        ("units", 7),
        ("heads", 0),
        ("feedforward_units", 0),
        ("dropout", 1.0),
        ("activation", "tanh"),
    ],
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        TransformerDecoderLayer(**{"units": 8, "heads": 2, argument: value})
