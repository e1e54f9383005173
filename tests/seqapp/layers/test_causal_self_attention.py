import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.causal_self_attention import CausalSelfAttention
from tests.support.layers import check_layer

X = tf.random.normal([2, 4, 6], seed=1)


def test_layer_contract():
    check_layer(
        CausalSelfAttention,
        {"units": 4, "heads": 2, "dropout": 0.3, "window": 2, "rotary": True},
        lambda layer: layer(X[:, :, :4]),
        input_shape=(2, 4, 4),
        supports_masking=True,
        expected_output_shape=((2, 4, 4), (2, 2, 4, 4)),
    )


def test_weights_by_hand():
    # Query, key and value are x itself: the scores of (1, 0) and (0, 1) with themselves are 1 / √2, else 0.
    layer = CausalSelfAttention(2, heads=1)
    layer.build((1, 2, 2))
    layer.query_key_value.set_weights([np.tile(np.eye(2), 3), np.zeros(6)])
    layer.output_projection.set_weights([np.eye(2), np.zeros(2)])
    outputs, weights = layer(tf.constant([[[1.0, 0.0], [0.0, 1.0]]]))
    own = np.exp(0.5**0.5) / (1 + np.exp(0.5**0.5))
    np.testing.assert_allclose(weights[0, 0], [[1.0, 0.0], [1 - own, own]], rtol=1e-6)
    np.testing.assert_allclose(outputs[0], [[1.0, 0.0], [1 - own, own]], rtol=1e-6)


def test_with_the_weights_of_keras_it_is_the_attention_of_keras():
    theirs = keras.layers.MultiHeadAttention(2, 3)
    expected, of_theirs = theirs(X, X, use_causal_mask=True, return_attention_scores=True)
    ours = CausalSelfAttention(6, heads=2)
    ours.build(X.shape)
    *of_inputs, kernel, bias = [w.numpy() for w in theirs.weights]
    ours.query_key_value.set_weights(
        [np.concatenate([w.reshape(6, 6) for w in of_inputs[::2]], axis=1), np.ravel(of_inputs[1::2])]
    )
    ours.output_projection.set_weights([kernel.reshape(6, 6), bias])
    outputs, weights = ours(X)
    np.testing.assert_allclose(outputs, expected, atol=1e-6)
    np.testing.assert_allclose(weights, of_theirs, atol=1e-6)


def test_position_by_position_with_a_cache_equals_the_sequence():
    layer = CausalSelfAttention(6, heads=2)
    expected, weights = layer(X)
    cache = layer.empty_cache(2, 5)
    for t in range(4):
        output, of_step, cache = layer(X[:, t : t + 1], cache=cache, position=tf.fill([2], t))
        np.testing.assert_allclose(output[:, 0], expected[:, t], atol=1e-6)
        np.testing.assert_allclose(of_step[:, :, 0, : t + 1], weights[:, :, t, : t + 1], atol=1e-6)
        assert not of_step[..., t + 1 :].numpy().any()


@pytest.mark.parametrize("rotary", [False, True])
def test_a_window_of_two_positions(rotary):
    layer = CausalSelfAttention(4, heads=2, window=2, rotary=rotary)
    x = X[:, :, :4]
    expected, weights = layer(x)
    np.testing.assert_array_equal(weights[0, 0] > 0, np.tri(4) - np.tri(4, k=-2))
    cache = layer.empty_cache(2, 2)
    for t in range(4):
        output, _, cache = layer(x[:, t : t + 1], cache=cache, position=tf.fill([2], t))
        np.testing.assert_allclose(output[:, 0], expected[:, t], atol=1e-6)
        *_, read = layer(x, lengths=tf.fill([2], t + 1))
        for one, other in zip(read, cache, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_cache_of_a_whole_sequence_without_a_window():
    layer = CausalSelfAttention(6, heads=2)
    *_, read = layer(X, lengths=tf.constant([4, 2]))
    cache = layer.empty_cache(2, 4)
    for t in range(4):
        *_, cache = layer(X[:, t : t + 1], cache=cache, position=tf.fill([2], t))
    for one, other in zip(read, cache, strict=True):
        np.testing.assert_allclose(one[0], other[0], atol=1e-6)
        np.testing.assert_allclose(one[1, :, :2], other[1, :, :2], atol=1e-6)
        assert not one[1, :, 2:].numpy().any()


def test_the_mask_of_keras_goes_on_with_the_sequence_only():
    ids = tf.constant([[1, 2, 0], [1, 0, 0]])
    outputs, weights = CausalSelfAttention(6, 2)(keras.layers.Embedding(3, 6, mask_zero=True)(ids))
    np.testing.assert_array_equal(outputs._keras_mask, ids != 0)
    assert getattr(weights, "_keras_mask", None) is None


@pytest.mark.parametrize(
    ("argument", "value"),
    [("units", 0), ("units", 7), ("heads", 0), ("heads", 2.0), ("dropout", 1.0), ("window", 0)],
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        CausalSelfAttention(**{"units": 8, "heads": 2, argument: value})
    with pytest.raises(ConfigError, match="units: expected an even width per head for rotary positions"):
        CausalSelfAttention(6, 2, rotary=True)


@pytest.mark.parametrize("rotary", [False, True])
@pytest.mark.parametrize("window", [1, 2, 5])
def test_segments_after_a_cache_equal_the_sequence(window, rotary):
    """Segments of 3, 1 and 3 positions."""
    layer = CausalSelfAttention(4, heads=2, window=window, rotary=rotary)
    x = tf.random.stateless_normal([2, 7, 4], seed=[1, 2])
    whole, _ = layer(x)
    cache, position = layer.empty_cache(2, window), tf.zeros([2], tf.int32)
    found = []
    for begin, end in ((0, 3), (3, 4), (4, 7)):
        lengths = tf.constant([end - begin] * 2)
        output, weights, cache = layer(x[:, begin:end], cache=cache, position=position, lengths=lengths)
        np.testing.assert_allclose(tf.reduce_sum(weights, axis=-1), 1.0, rtol=1e-5)
        assert weights.shape == (2, 2, end - begin, window + end - begin)
        found.append(output)
        position += lengths
    np.testing.assert_allclose(tf.concat(found, axis=1), whole, atol=1e-6)


def test_padding_of_a_segment_is_not_in_the_cache():
    layer = CausalSelfAttention(4, heads=2, window=3, rotary=True)
    x = tf.random.stateless_normal([1, 5, 4], seed=[1, 2])
    begin, zero = layer.empty_cache(1, 3), tf.zeros([1], tf.int32)
    _, _, cache = layer(x[:, :2], cache=begin, position=zero, lengths=tf.constant([2]))
    padded = tf.pad(x[:, :2], [[0, 0], [0, 2], [0, 0]], constant_values=9.0)
    _, _, other = layer(padded, cache=begin, position=zero, lengths=tf.constant([2]))
    for one, two in zip(cache, other, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)


def test_a_segment_needs_a_window():
    layer = CausalSelfAttention(4, heads=2)
    cache, zero = layer.empty_cache(1, 5), tf.zeros([1], tf.int32)
    with pytest.raises(ConfigError, match="window: expected a number of positions to read a segment"):
        layer(tf.zeros([1, 2, 4]), cache=cache, position=zero, lengths=tf.constant([2]))
