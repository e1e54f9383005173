import numpy as np
import tensorflow as tf

from seqapp.layers.masks import (
    last_valid,
    masked_mean,
    masked_softmax,
    self_attention_mask,
    softmax_where,
    valid_positions,
)


def test_padding_is_not_valid():
    assert valid_positions(tf.constant([[5, 2, 0]])).numpy().tolist() == [[True, True, False]]


def test_weights_are_exactly_zero_where_masked_and_sum_to_one():
    # softmax of (ln 1, ln 3) is (1/4, 3/4); the third position must not count.
    scores = tf.math.log([[[1.0, 3.0, 99.0]]])
    weights = masked_softmax(scores, tf.constant([[True, True, False]])).numpy()
    np.testing.assert_allclose(weights, [[[0.25, 0.75, 0.0]]], rtol=1e-6)
    assert weights[0, 0, 2] == 0.0


def test_a_row_without_valid_position_is_all_zero():
    weights = masked_softmax(tf.constant([[[1.0, 2.0]]]), tf.constant([[False, False]]))
    assert weights.numpy().tolist() == [[[0.0, 0.0]]]


def test_half_precision_scores_are_weighed_in_float32():
    weights = masked_softmax(tf.constant([[[1.0, 2.0]]], tf.float16), tf.constant([[True, True]]))
    assert weights.dtype == tf.float32


def test_softmax_where_takes_a_mask_of_any_shape_that_broadcasts():
    # softmax of (ln 1, ln 3) is (1/4, 3/4); the first row may look at nothing, the third at all.
    scores = tf.math.log([[[[1.0, 3.0]] * 3]])
    allowed = tf.constant([[[[False, False], [True, False], [True, True]]]])
    weights = softmax_where(scores, allowed)
    np.testing.assert_allclose(weights[0, 0], [[0.0, 0.0], [1.0, 0.0], [0.25, 0.75]], rtol=1e-6)


def test_self_attention_mask():
    mask = tf.constant([[True, True, False]])
    assert self_attention_mask(mask).numpy().tolist() == [[[True, True, False]]]
    assert self_attention_mask(mask, causal=True).numpy().tolist() == [
        [[True, False, False], [True, True, False], [True, True, False]]
    ]


def test_masked_mean_and_last_valid():
    x = tf.constant([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]]] * 2)
    mask = tf.constant([[True, True, False], [False, False, False]])
    assert masked_mean(x, mask).numpy().tolist() == [[2.0, 4.0], [0.0, 0.0]]
    assert last_valid(x, mask).numpy().tolist() == [[3.0, 6.0], [1.0, 2.0]]


def test_masked_mean_is_summed_in_float32():
    # 4 × 30,000 is beyond float16.
    x = tf.fill([1, 4, 1], tf.constant(30000.0, tf.float16))
    mean = masked_mean(x, tf.ones([1, 4], tf.bool))
    assert mean.dtype == tf.float16
    assert mean.numpy().tolist() == [[30000.0]]


def test_a_mask_of_0_and_1_is_one_of_bools():
    scores = tf.random.normal([2, 3, 3], seed=1)
    mask = tf.constant([[1, 1, 0], [1, 0, 0]])
    flags = tf.cast(mask, tf.bool)
    for function in (masked_softmax, masked_mean, last_valid):
        np.testing.assert_array_equal(function(scores, mask), function(scores, flags))
    np.testing.assert_array_equal(self_attention_mask(mask, True), self_attention_mask(flags, True))


def test_a_mask_of_its_own_for_each_row_of_scores():
    scores = tf.math.log([[[1.0, 3.0], [1.0, 3.0]]])
    weights = masked_softmax(scores, tf.constant([[[1, 0], [1, 1]]]))
    np.testing.assert_allclose(weights, [[[1.0, 0.0], [0.25, 0.75]]], rtol=1e-6)


def test_without_a_mask_every_position_counts():
    x = tf.constant([[[1.0], [3.0], [8.0]]])
    assert masked_mean(x, None).numpy().tolist() == [[4.0]]
    assert last_valid(x, None).numpy().tolist() == [[8.0]]


def test_double_precision_stays():
    scores = tf.constant([[[1e-12, 0.0]]], tf.float64)
    weights = masked_softmax(scores, tf.constant([[True, True]]))
    assert weights.dtype == tf.float64
    assert weights[0, 0, 0] > weights[0, 0, 1]
    assert masked_mean(scores, None).dtype == tf.float64


def test_softmax_of_many_axes():
    scores = tf.reshape(tf.constant([0.0, 0.0, 5.0, 1.0, 1.0, 1.0]), [1, 1, 2, 1, 1, 3])
    allowed = tf.reshape(tf.constant([True, True, False, False, True, False]), scores.shape)
    expected = np.reshape([0.5, 0.5, 0.0, 0.0, 1.0, 0.0], scores.shape)
    np.testing.assert_allclose(softmax_where(scores, allowed), expected)
