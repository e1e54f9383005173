import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.self_attention import SelfAttention
from tests.support.layers import check_layer

# Three tokens of two numbers each.
TOKENS = tf.constant([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
ALL = tf.constant([[True, True, True]])
W_Q = [[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]]
W_K = [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
W_V = [[1.0, 0.0], [0.0, 2.0]]


def layer_of(w_q, w_k, w_v, causal=False):
    layer = SelfAttention(len(w_q[0]), len(w_v[0]), causal)
    layer.build((None, None, len(w_q)))
    layer.set_weights([np.array(w, "float32") for w in (w_q, w_k, w_v)])
    return layer


def test_worked_example():
    # queries (2 0 0 0)  keys (1 0 1 0)  values (1 0)
    #         (0 2 0 0)       (0 1 0 1)         (0 2)
    #         (2 2 0 0)       (1 1 1 1)         (1 2)
    # q · k   2 0 2   over √4 = 2   1 0 1   softmax   e 1 e over 2e + 1   0.4223 0.1554 0.4223
    #         0 2 2                 0 1 1             1 e e over 2e + 1   0.1554 0.4223 0.4223
    #         2 2 4                 1 1 2             1 1 e over 2 + e    0.2119 0.2119 0.5761
    # context 0.4223 (1 0) + 0.1554 (0 2) + 0.4223 (1 2) = (0.8446 1.1554), and so on.
    context, weights = layer_of(W_Q, W_K, W_V)(TOKENS, ALL)
    np.testing.assert_allclose(
        weights[0],
        [[0.4223, 0.1554, 0.4223], [0.1554, 0.4223, 0.4223], [0.2119, 0.2119, 0.5761]],
        atol=5e-5,
    )
    np.testing.assert_allclose(context[0], [[0.8446, 1.1554], [0.5777, 1.6892], [0.7881, 1.5761]], atol=1e-4)


def test_worked_example_of_four_numbers_a_token():
    # All queries are 1; the keys are the second column, ln 1, ln 2 and ln 5, and √1 = 1: every token
    # weighs 1/8, 2/8, 5/8. The values are the last column: 8/8 + 2 · 16/8 + 5 · 0 = 5.
    x = tf.constant([[[1.0, np.log(1), 3.0, 8.0], [1.0, np.log(2), 4.0, 16.0], [1.0, np.log(5), 5.0, 0.0]]])
    layer = layer_of([[1.0], [0.0], [0.0], [0.0]], [[0.0], [1.0], [0.0], [0.0]], [[0.0], [0.0], [0.0], [1.0]])
    context, weights = layer(x, ALL)
    np.testing.assert_allclose(weights[0], [[0.125, 0.25, 0.625]] * 3, rtol=1e-6)
    np.testing.assert_allclose(context[0], [[5.0]] * 3, rtol=1e-6)


def test_causal_looks_left_only():
    # Rows 1 0 1, 0 1 1 and 1 1 2 of the worked example, cut: softmax of 1; of 0 1; of 1 1 2.
    context, weights = layer_of(W_Q, W_K, W_V, causal=True)(TOKENS, ALL)
    np.testing.assert_allclose(
        weights[0], [[1.0, 0.0, 0.0], [0.2689, 0.7311, 0.0], [0.2119, 0.2119, 0.5761]], atol=5e-5
    )
    np.testing.assert_allclose(context[0, 0], [1.0, 0.0])
    assert not np.triu(weights[0], 1).any()


def test_padding_gets_no_weight():
    # Rows 1 0 and 0 1 without the third token: e 1 and 1 e over e + 1.
    context, weights = layer_of(W_Q, W_K, W_V)(TOKENS, tf.constant([[True, True, False]]))
    np.testing.assert_allclose(weights[0, :2], [[0.7311, 0.2689, 0.0], [0.2689, 0.7311, 0.0]], atol=5e-5)
    alone, _ = layer_of(W_Q, W_K, W_V)(TOKENS[:, :2], ALL[:, :2])
    np.testing.assert_allclose(context[:, :2], alone, atol=1e-6)


def test_nothing_but_padding_gives_no_context():
    context, weights = layer_of(W_Q, W_K, W_V)(TOKENS, tf.constant([[False] * 3]))
    assert not context.numpy().any()
    assert not weights.numpy().any()


def test_layer_contract():
    x, mask = tf.random.normal([3, 5, 4], seed=3), tf.sequence_mask([5, 3, 1], 5)
    config = {"units": 6, "value_units": 3, "causal": True}
    layer = check_layer(SelfAttention, config, lambda layer: layer(tf.cast(x, layer.compute_dtype), mask))
    context, weights = layer(x, mask)
    assert (context.shape, weights.shape) == ((3, 5, 3), (3, 5, 5))


def test_values_are_as_wide_as_queries_by_default():
    context, _ = SelfAttention(6)(TOKENS, ALL)
    assert context.shape == (1, 3, 6)


@pytest.mark.parametrize(("argument", "value"), [("units", 0), ("value_units", 0)])
def test_sizes_below_one(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected an integer of at least 1, got 0"):
        SelfAttention(**{"units": 6, argument: value})
