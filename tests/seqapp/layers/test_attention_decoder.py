import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.attention_decoder import AttentionDecoder
from tests.support.layers import check_layer

X = tf.random.normal([2, 4, 3], seed=1)
MEMORY = tf.random.normal([2, 5, 6], seed=2)
MASK = tf.sequence_mask([5, 2], 5)
FINAL_STATE = {"mean": tf.random.normal([2, 5], seed=3), "more": (tf.random.normal([2, 7], seed=4),)}
STATE_UNITS = {"mean": 5, "more": (7,)}


def built(layer):
    if not layer.built:
        layer.build(X.shape, MEMORY.shape, STATE_UNITS)
    return layer


def teach(layer, x=X, memory=MEMORY, mask=MASK):
    x, memory, final_state = tf.nest.map_structure(
        lambda leaf: tf.cast(leaf, layer.compute_dtype), (x, memory, FINAL_STATE)
    )
    constants = built(layer).constants(memory, mask)
    return layer(x, layer.initial_state(final_state), constants)


def test_layer_contract():
    config = {"units": 6, "layers": 2, "score": "dot", "scaled": True, "dropout": 0.2}
    layer = check_layer(AttentionDecoder, config, teach)
    vectors, weights = teach(layer)
    assert vectors.shape == (2, 4, 6)
    assert weights.shape == (2, 4, 5)


@pytest.mark.parametrize("score", ["dot", "general"])
@pytest.mark.parametrize("layers", [1, 2])
def test_step_by_step_equals_teacher_forcing(score, layers):
    layer = built(AttentionDecoder(6, layers=layers, score=score))
    vectors, _ = teach(layer)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE)
    for t in range(4):
        vector, state = layer.step(X[:, t], state, constants)
        np.testing.assert_allclose(vector, vectors[:, t], atol=1e-5)


def test_hypotheses_of_a_row_share_its_memory():
    layer = built(AttentionDecoder(6))
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE)
    once, _ = layer.step(X[:, 0], state, constants)
    twice, _ = layer.step(
        tf.repeat(X[:, 0], 2, axis=0),
        tf.nest.map_structure(lambda s: tf.repeat(s, 2, axis=0), state),
        constants,
    )
    np.testing.assert_allclose(twice, tf.repeat(once, 2, axis=0), atol=1e-6)


def test_attentional_vector_by_hand():
    # With h = 1 and a memory of one position m = 2: c = 2 and tanh(0.1 c + 0.2 h + 0.3) = tanh(0.7).
    layer = AttentionDecoder(1, score="dot")
    layer.build((1, 1, 1), (1, 1, 1), (2,))
    layer.combine.set_weights([np.array([[0.1], [0.2]]), np.array([0.3])])
    constants = layer.constants(tf.constant([[[2.0]]]), tf.constant([[True]]))
    vector, weights = layer._attend(tf.constant([[[1.0]]]), constants)
    np.testing.assert_allclose(vector, [[[np.tanh(0.7)]]], rtol=1e-6)
    np.testing.assert_allclose(weights, [[[1.0]]])


def test_padding_of_the_memory_changes_nothing():
    layer = built(AttentionDecoder(6))
    vectors, _ = teach(layer)
    padded = tf.concat([MEMORY, 9.0 * tf.ones([2, 3, 6])], axis=1)
    vectors_padded, weights = teach(layer, memory=padded, mask=tf.pad(MASK, [[0, 0], [0, 3]]))
    np.testing.assert_allclose(vectors_padded, vectors, atol=1e-6)
    assert not weights[:, :, 5:].numpy().any()


def test_every_layer_starts_from_a_part_of_its_own():
    layer = built(AttentionDecoder(6, layers=2))
    parts = layer.bridge(FINAL_STATE)
    (h_0, c_0), (h_1, c_1) = layer.initial_state(FINAL_STATE)
    for found, wanted in zip((h_0, c_0, h_1, c_1), parts, strict=True):
        assert found.shape == wanted.shape == (2, 6)
    np.testing.assert_allclose(h_1, np.tanh(parts[2]), rtol=1e-6)
    np.testing.assert_allclose(c_1, parts[3])


@pytest.mark.parametrize(
    ("argument", "value"),
    [("units", 0), ("layers", 0), ("score", "cosine"), ("dropout", 1.0), ("cell", "transistor")],
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        AttentionDecoder(**{"units": 6, argument: value})
