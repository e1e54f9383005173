import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.multi_head_attention import MultiHeadAttention

X = tf.random.normal([2, 4, 6], seed=1)
MASK = tf.sequence_mask([4, 2], 4)[:, tf.newaxis]


def attend(layer, x=X, mask=MASK):
    return layer(x, x, attention_mask=mask, return_attention_scores=True)


def test_equals_keras():
    ours, theirs = MultiHeadAttention(2, 3), keras.layers.MultiHeadAttention(2, 3)
    theirs.build(X.shape, X.shape)
    ours.build(X.shape, X.shape)
    ours.set_weights(theirs.get_weights())
    for one, other in zip(attend(ours), attend(theirs), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_weights_are_float32_in_half_precision():
    y, weights = attend(MultiHeadAttention(2, 3, dropout=0.1, dtype="mixed_float16"), tf.cast(X, tf.float16))
    assert (y.dtype, weights.dtype) == (tf.float16, tf.float32)
    np.testing.assert_allclose(tf.reduce_sum(weights, -1), 1.0, rtol=1e-6)


def test_one_token_is_no_mistake():
    _, weights = attend(MultiHeadAttention(2, 3), X[:, :1], MASK[:, :, :1])
    np.testing.assert_array_equal(weights, np.ones([2, 2, 1, 1]))


def test_nothing_to_look_at_gives_the_bias_of_the_output():
    layer = MultiHeadAttention(2, 3)
    y, weights = attend(layer, mask=tf.zeros_like(MASK))
    assert not weights.numpy().any()
    np.testing.assert_array_equal(y, np.zeros([2, 4, 6]))


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_without_weights_the_softmax_is_the_same(dropout):
    layer = MultiHeadAttention(2, 3, dropout=dropout)
    y, _ = attend(layer)
    np.testing.assert_array_equal(layer(X, X, attention_mask=MASK), y)
    assert np.isfinite(layer(X, X, attention_mask=tf.zeros_like(MASK))).all()


def test_without_a_mask_and_with_a_causal_one():
    layer, theirs = MultiHeadAttention(2, 3), keras.layers.MultiHeadAttention(2, 3)
    theirs.build(X.shape, X.shape)
    layer.build(X.shape, X.shape)
    layer.set_weights(theirs.get_weights())
    for options in ({}, {"use_causal_mask": True}):
        np.testing.assert_allclose(layer(X, X, **options), theirs(X, X, **options), atol=1e-6)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("num_heads", 0),
        ("key_dim", 0),
        ("dropout", 1.0),
        ("flash_attention", True),
        ("attention_axes", (1, 2)),
    ],
)
def test_refuses_what_it_does_not_do(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: "):
        MultiHeadAttention(**{"num_heads": 2, "key_dim": 3, argument: value})


def test_serialisation():
    layer = MultiHeadAttention(2, 3, dropout=0.1)
    y, _ = attend(layer)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(attend(again)[0], y)
