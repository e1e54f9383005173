import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.luong_attention import LuongAttention
from tests.support.layers import check_layer

MEMORY = tf.constant([[[1, 0, 0, 1, 2], [1, 0, 0, 1, 1], [1, 1, 0, 0, 1]]], tf.float32)
QUERY = tf.constant([[[1, 0, 0, 0, 2]]], tf.float32)


def attend(layer, query, memory, mask=None):
    return layer(query, memory, layer.project(memory), mask)


def test_worked_example_of_the_dot_score():
    # Scores: 1·1 + 2·2 = 5, 1 + 2 = 3, 1 + 2 = 3; softmax (e², 1, 1) / (e² + 2).
    context, weights = attend(LuongAttention(5, "dot"), QUERY, MEMORY)
    np.testing.assert_allclose(weights[0, 0], [0.787, 0.107, 0.107], atol=5e-4)
    expected = 0.787 * MEMORY[0, 0] + 0.1065 * MEMORY[0, 1] + 0.1065 * MEMORY[0, 2]
    np.testing.assert_allclose(context[0, 0], expected, atol=1e-3)


def test_worked_example_of_a_score_and_a_weighted_value():
    # (0.8, 0.2) · (0.7, 0.3) = 0.62; against 0 that is a weight of e^0.62 / (e^0.62 + 1).
    memory = tf.constant([[[0.8, 0.2], [0.0, 0.0]]])
    context, weights = attend(LuongAttention(2, "dot"), tf.constant([[[0.7, 0.3]]]), memory)
    np.testing.assert_allclose(np.log(weights[0, 0, 0] / weights[0, 0, 1]), 0.62, rtol=1e-5)
    np.testing.assert_allclose(context[0, 0], weights[0, 0, 0] * np.array([0.8, 0.2]), rtol=1e-5)

    # A query that scores ln(7/3) against 0 weighs (0.8, 0.2) by 0.7, which gives (0.56, 0.14).
    query = tf.constant([[[np.log(7 / 3) / 0.8, 0.0]]], tf.float32)
    context, weights = attend(LuongAttention(2, "dot"), query, memory)
    np.testing.assert_allclose(weights[0, 0], [0.7, 0.3], rtol=1e-5)
    np.testing.assert_allclose(context[0, 0], [0.56, 0.14], rtol=1e-5)


def test_general_score_is_q_w_m():
    layer = LuongAttention(2, "general")
    memory = tf.constant([[[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]])
    layer.project(memory)
    layer.key_projection.set_weights([np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]])])
    # Keys (1, 2) and (2, 1); the query (1, 1) scores 3 and 3.
    _, weights = attend(layer, tf.constant([[[1.0, 1.0]]]), memory)
    np.testing.assert_allclose(weights[0, 0], [0.5, 0.5], rtol=1e-6)


def test_scaled_scores_are_divided_by_the_root_of_the_units():
    _, weights = attend(LuongAttention(5, "dot", scaled=True), QUERY, MEMORY)
    np.testing.assert_allclose(np.log(weights[0, 0, 0] / weights[0, 0, 1]), 2 / np.sqrt(5), rtol=1e-5)


def test_padding_of_the_memory_changes_nothing():
    layer = LuongAttention(5, "general")
    context, weights = attend(layer, QUERY, MEMORY, tf.ones([1, 3], tf.bool))
    padded = tf.concat([MEMORY, 7.0 * tf.ones([1, 2, 5])], axis=1)
    mask = tf.constant([[True, True, True, False, False]])
    context_padded, weights_padded = attend(layer, QUERY, padded, mask)
    np.testing.assert_allclose(context_padded, context, rtol=1e-6)
    assert weights_padded[0, 0, 3:].numpy().tolist() == [0.0, 0.0]
    np.testing.assert_allclose(weights_padded[:, :, :3], weights, rtol=1e-6)


def test_a_memory_without_valid_position_gives_no_context():
    context, _ = attend(LuongAttention(5, "dot"), QUERY, MEMORY, tf.zeros([1, 3], tf.bool))
    assert context.numpy().tolist() == [[[0.0] * 5]]


def test_layer_contract():
    query, memory = tf.random.normal([2, 3, 4], seed=1), tf.random.normal([2, 5, 6], seed=2)
    mask = tf.constant([[True] * 5, [True, True, False, False, False]])
    check_layer(
        LuongAttention,
        {"units": 4, "scaled": True},
        lambda layer: attend(
            layer, tf.cast(query, layer.compute_dtype), tf.cast(memory, layer.compute_dtype), mask
        ),
    )


def test_unknown_score_names_those_there_are():
    with pytest.raises(ConfigError, match="score: expected one of dot, general, got 'cosine'"):
        LuongAttention(4, "cosine")


def test_dot_needs_equal_widths():
    with pytest.raises(ConfigError, match="as wide as the queries \\(4\\), got 6; use score='general'"):
        LuongAttention(4, "dot").project(tf.zeros([1, 2, 6]))


def test_no_units():
    with pytest.raises(ConfigError, match="units: expected an integer of at least 1, got 0"):
        LuongAttention(0)
