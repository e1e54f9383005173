import keras
import numpy as np
import tensorflow as tf

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
