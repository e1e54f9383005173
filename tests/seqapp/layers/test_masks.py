import numpy as np
import tensorflow as tf

from seqapp.layers.masks import masked_softmax, valid_positions


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
