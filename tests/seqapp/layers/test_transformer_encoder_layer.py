import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.transformer_encoder_layer import TransformerEncoderLayer
from tests.support.layers import check_layer

X = tf.random.normal([3, 5, 8], seed=3)
MASK = tf.sequence_mask([5, 3, 1], 5)
NONE = tf.zeros([3, 5], tf.bool)


def test_layer_contract():
    config = {
        "units": 8,
        "heads": 2,
        "feedforward_units": 12,
        "activation": "gelu",
        "causal": True,
        "dropout": 0.3,
    }
    layer = check_layer(
        TransformerEncoderLayer, config, lambda layer: layer(tf.cast(X, layer.compute_dtype), MASK)
    )
    y, weights = layer(X, MASK)
    assert y.shape == (3, 5, 8)
    assert weights.shape == (3, 2, 5, 5)


def test_a_layer_that_adds_nothing_passes_x_on():
    layer = TransformerEncoderLayer(8, 2)
    layer.build(X.shape)
    for part in (layer.attention.output_dense, layer.reduce):
        part.set_weights([np.zeros(w.shape) for w in part.get_weights()])
    y, _ = layer(X, MASK)
    np.testing.assert_array_equal(y, X)


def test_the_parts_by_hand():
    # One token of two units, so that all attention is on itself. x = (3, 1) has the mean 2 and the
    # deviation 1: norm(x) = (1, -1). With identities for all products the attention adds (1, -1) and
    # x = (4, 0), normalised (1, -1) again; relu leaves (1, 0), the sum is (5, 0).
    layer = TransformerEncoderLayer(2, 1, feedforward_units=2)
    layer.build((None, None, 2))
    mha = layer.attention
    for part in (
        mha.query_dense,
        mha.key_dense,
        mha.value_dense,
        mha.output_dense,
        layer.expand,
        layer.reduce,
    ):
        kernel, bias = part.get_weights()
        part.set_weights([np.eye(2).reshape(kernel.shape), bias])
    y, weights = layer(tf.constant([[[3.0, 1.0]]]), tf.constant([[True]]))
    np.testing.assert_allclose(y, [[[5.0, 0.0]]], atol=1e-4)
    np.testing.assert_allclose(weights, [[[[1.0]]]])


def test_feedforward_is_four_times_as_wide_by_default():
    layer = TransformerEncoderLayer(8, 2)
    layer.build(X.shape)
    assert layer.expand.units == 32


def test_weights_are_zero_on_padding_and_sum_to_one():
    _, weights = TransformerEncoderLayer(8, 2)(X, MASK)
    np.testing.assert_allclose(tf.reduce_sum(weights, -1), 1.0, rtol=1e-6)
    assert not weights[1, :, :, 3:].numpy().any()


def test_a_row_of_nothing_but_padding_stays_finite():
    y, weights = TransformerEncoderLayer(8, 2)(X, NONE)
    assert np.isfinite(y).all()
    assert not weights.numpy().any()


def test_causal_weights_are_a_lower_triangle():
    _, weights = TransformerEncoderLayer(8, 2, causal=True)(X, MASK)
    np.testing.assert_array_equal(weights, np.tril(weights.numpy()))
    np.testing.assert_allclose(tf.reduce_sum(weights, -1), 1.0, rtol=1e-6)


@pytest.mark.parametrize("mask", [MASK, NONE])
def test_half_precision_has_float32_weights(mask):
    layer = TransformerEncoderLayer(8, 2, dtype="mixed_float16")
    y, weights = layer(tf.cast(X, tf.float16), mask, training=True)
    assert (y.dtype, weights.dtype) == (tf.float16, tf.float32)
    assert np.isfinite(y.numpy().astype("float32")).all()


def test_dropout_only_in_training():
    layer = TransformerEncoderLayer(8, 2, dropout=0.5)
    np.testing.assert_array_equal(layer(X, MASK)[0], layer(X, MASK)[0])
    assert np.abs(layer(X, MASK, training=True)[0] - layer(X, MASK)[0]).max() > 1e-3


def test_units_are_divided_among_the_heads():
    with pytest.raises(ConfigError, match="units: expected a multiple of the 3 heads, got 8"):
        TransformerEncoderLayer(8, 3)


def test_unknown_activation_names_those_there_are():
    with pytest.raises(ConfigError, match="activation: expected one of relu, gelu, got 'tanh'"):
        TransformerEncoderLayer(8, 2, activation="tanh")


@pytest.mark.parametrize(
    ("argument", "value"), [("units", 0), ("heads", 0), ("feedforward_units", 0), ("dropout", 1.0)]
)
def test_sizes_and_rates_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        TransformerEncoderLayer(**{"units": 8, "heads": 2, argument: value})
