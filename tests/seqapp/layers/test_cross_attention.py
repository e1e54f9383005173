import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.cross_attention import CrossAttention
from tests.support.layers import check_layer

X = tf.random.normal([2, 4, 6], seed=1)
MEMORY = tf.random.normal([2, 5, 3], seed=2)
MASK = tf.sequence_mask([5, 2], 5)


def test_layer_contract():
    shapes = {"x_shape": (2, 4, 6), "memory_shape": (2, 5, 3)}
    check_layer(
        CrossAttention,
        {"units": 6, "heads": 2, "dropout": 0.3},
        lambda layer: layer(X, MEMORY, memory_mask=MASK),
        input_shape=shapes,
        input_dtype=dict.fromkeys(shapes, "float32"),
        supports_masking=True,
        expected_output_shape=((2, 4, 6), (2, 2, 4, 5)),
    )


def test_weights_by_hand():
    # Query, key and value are x and the memory themselves: (2, 0) scores √2 with (1, 0) and 0 with (0, 1).
    layer = CrossAttention(2, heads=1)
    layer.build((1, 1, 2), (1, 2, 2))
    for dense in (layer.query, layer.output_projection):
        dense.set_weights([np.eye(2), np.zeros(2)])
    layer.key_value.set_weights([np.tile(np.eye(2), 2), np.zeros(4)])
    outputs, weights = layer(tf.constant([[[2.0, 0.0]]]), tf.constant([[[1.0, 0.0], [0.0, 1.0]]]))
    first = np.exp(2**0.5) / (1 + np.exp(2**0.5))
    np.testing.assert_allclose(weights[0, 0], [[first, 1 - first]], rtol=1e-6)
    np.testing.assert_allclose(outputs[0], [[first, 1 - first]], rtol=1e-6)


def test_with_the_weights_of_keras_it_is_the_attention_of_keras():
    theirs = keras.layers.MultiHeadAttention(2, 3)
    expected, of_theirs = theirs(
        X, MEMORY, attention_mask=MASK[:, tf.newaxis], return_attention_scores=True
    )
    query, query_bias, key, key_bias, value, value_bias, kernel, bias = (w.numpy() for w in theirs.weights)
    ours = CrossAttention(6, heads=2)
    ours.build(X.shape, MEMORY.shape)
    ours.query.set_weights([query.reshape(6, 6), query_bias.ravel()])
    ours.key_value.set_weights(
        [np.concatenate([key.reshape(3, 6), value.reshape(3, 6)], axis=1), np.ravel([key_bias, value_bias])]
    )
    ours.output_projection.set_weights([kernel.reshape(6, 6), bias])
    outputs, weights = ours(X, MEMORY, memory_mask=MASK)
    np.testing.assert_allclose(outputs, expected, atol=1e-6)
    np.testing.assert_allclose(weights, of_theirs, atol=1e-6)


def test_keys_and_values_once_give_what_the_memory_gives():
    layer = CrossAttention(6, heads=2)
    expected, _ = layer(X, MEMORY, memory_mask=MASK)
    keys, values = layer(memory=MEMORY)
    assert keys.shape == values.shape == (2, 2, 5, 3)
    np.testing.assert_array_equal(layer(X, keys=keys, values=values, memory_mask=MASK)[0], expected)


def test_the_masks_of_keras():
    ids = tf.constant([[1, 2, 0], [1, 0, 0]])
    embedded = keras.layers.Embedding(3, 6, mask_zero=True)(ids)
    layer = CrossAttention(6, 2)
    outputs, weights = layer(embedded, embedded)
    np.testing.assert_array_equal(outputs._keras_mask, ids != 0)
    assert getattr(weights, "_keras_mask", None) is None
    np.testing.assert_allclose(tf.reduce_sum(weights, -1), np.ones([2, 2, 3]), rtol=1e-6)
    assert not weights[0, :, :, 2:].numpy().any()
    assert not weights[1, :, :, 1:].numpy().any()


@pytest.mark.parametrize(
    ("argument", "value"), [("units", 0), ("units", 7), ("heads", 0), ("heads", 2.0), ("dropout", 1.0)]
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        CrossAttention(**{"units": 8, "heads": 2, argument: value})
