import numpy as np
import tensorflow as tf

from seqapp.decoding.log_probabilities import LogProbabilities

LOGITS = tf.constant(np.random.default_rng(3).normal(scale=9.0, size=(3, 2048)), tf.float32)


def test_equals_the_log_softmax_of_tensorflow():
    wanted = tf.nn.log_softmax(LOGITS)
    found = LogProbabilities.of(LOGITS)
    np.testing.assert_allclose(found.dense(), wanted, atol=1e-5)
    at = found.at(tf.constant([[5, 7], [0, 0], [9, 1]]))
    np.testing.assert_allclose(at[0], wanted.numpy()[0, [5, 7]], atol=1e-5)
    np.testing.assert_allclose(found.of_end()[:, 0], wanted[:, 2], atol=1e-5)
    for one, other in zip(found.top(4), tf.math.top_k(wanted, 4), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_large_logits_lose_no_digits():
    found = LogProbabilities.of(tf.constant([[-1e9, -1e9], [1e7, 1e7 - 1]], tf.float32)).dense()
    np.testing.assert_allclose(found, [[-0.6931472] * 2, [-0.3132617, -1.3132617]], atol=1e-6)


def test_excluded_ids_stay_excluded():
    found = LogProbabilities.of(tf.constant([[0.0, -np.inf, 0.0], [1.0, -1e9, 1.0]])).dense()
    np.testing.assert_allclose(found[:, 0], [-0.6931472] * 2, atol=1e-6)
    assert found[0, 1] == -np.inf
    assert found[1, 1] < -5e8


def test_given_values_stay_as_they_are():
    found = LogProbabilities.given(LOGITS)
    np.testing.assert_array_equal(found.dense(), LOGITS)
