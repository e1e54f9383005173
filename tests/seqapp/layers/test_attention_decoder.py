import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.cells import CELLS
from seqapp.layers.luong_attention import SCORES, LuongAttention
from tests.support.decoders import FINAL_STATE, MASK, MEMORY, X, check_decoder, teach


@pytest.mark.slow
def test_layer_contract():
    check_decoder(
        AttentionDecoder,
        {"units": 6, "layers": 2, "score": "dot", "scaled": True, "dropout": 0.2},
    )


ORDERS = {"luong": {}, "feeding": {"input_feeding": True}, "bahdanau": {"order": "bahdanau"}}


@pytest.mark.parametrize(
    ("cell", "score", "order"),
    # Each score and each cell in each order.
    list(zip(sorted([*CELLS] * 4), [*SCORES] * 3, [*ORDERS] * 4, strict=True)),
)
def test_step_by_step_equals_teacher_forcing(cell, score, order):
    layer = AttentionDecoder(6, layers=2, score=score, cell=cell, residual=True, **ORDERS[order])
    vectors, weights = teach(layer)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE)
    for t in range(4):
        vector, weights_of_step, state = layer.step(X[:, t], state, constants)
        np.testing.assert_allclose(vector, vectors[:, t], atol=1e-5)
        np.testing.assert_allclose(weights_of_step, weights[:, t], atol=1e-5)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        # (h, query) of x, h and v of the step before; the kernel is 1 for x and 2 for what is fed.
        ("luong", lambda x, h, v: (np.tanh(x + h), np.tanh(x + h))),
        ("feeding", lambda x, h, v: (np.tanh(x + 2 * v + h), np.tanh(x + 2 * v + h))),
        ("bahdanau", lambda x, h, v: (np.tanh(x + 2 * np.tanh(h) + h), h)),
    ],
)
def test_two_steps_of_each_order_by_hand(order, expected):
    layer = AttentionDecoder(1, score="dot", cell="simple_rnn", **ORDERS[order])
    layer.build((1, 2, 1), final_state_shape=(1, 1), memory_shape=(1, 2, 1))
    fed = [[2.0]] if order != "luong" else []
    layer.stack[0].set_weights([np.array([[1.0], *fed]), np.array([[1.0]]), np.array([0.0])])
    layer.combine.set_weights([np.array([[0.5], [0.25]]), np.array([0.0])])
    state = [(tf.constant([[0.4]]),), *[(tf.zeros([1, 1]),)] * (order == "feeding")]
    constants = layer.constants(tf.constant([[[1.0], [-1.0]]]))
    vectors, _ = layer(tf.constant([[[0.3], [-0.2]]]), state, constants)
    h, v = 0.4, 0.0
    for t, x in enumerate([0.3, -0.2]):
        h, query = expected(x, h, v)
        # Weights of scores q and -q on values 1 and -1: the context is tanh(q).
        v = np.tanh(0.5 * np.tanh(query) + 0.25 * h)
        np.testing.assert_allclose(vectors[0, t, 0], v, rtol=1e-5)


def test_hypotheses_of_a_row_share_its_memory():
    layer = AttentionDecoder(6)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE)
    once, *_ = layer.step(X[:, 0], state, constants)
    twice, *_ = layer.step(
        tf.repeat(X[:, 0], 2, axis=0),
        tf.nest.map_structure(lambda s: tf.repeat(s, 2, axis=0), state),
        constants,
    )
    np.testing.assert_allclose(twice, tf.repeat(once, 2, axis=0), atol=1e-6)


def test_attentional_vector_by_hand():
    # With h = 1 and a memory of one position m = 2: c = 2 and tanh(0.1 c + 0.2 h + 0.3) = tanh(0.7).
    layer = AttentionDecoder(1, score="dot")
    layer.build((1, 1, 1), final_state_shape=(1, 2), memory_shape=(1, 1, 1))
    layer.combine.set_weights([np.array([[0.1], [0.2]]), np.array([0.3])])
    constants = layer.constants(tf.constant([[[2.0]]]), tf.constant([[True]]))
    h = tf.constant([[[1.0]]])
    context, weights = layer._attend(h, constants)
    np.testing.assert_allclose(layer._combine(context, h), [[[np.tanh(0.7)]]], rtol=1e-6)
    np.testing.assert_allclose(weights, [[[1.0]]])


def test_padding_of_the_memory_changes_nothing():
    layer = AttentionDecoder(6)
    vectors, _ = teach(layer)
    padded = tf.concat([MEMORY, 9.0 * tf.ones([2, 3, 6])], axis=1)
    vectors_padded, weights = teach(layer, memory=padded, mask=tf.pad(MASK, [[0, 0], [0, 3]]))
    np.testing.assert_allclose(vectors_padded, vectors, atol=1e-6)
    assert not weights[:, :, 5:].numpy().any()


def test_every_layer_starts_from_a_part_of_its_own():
    layer = AttentionDecoder(6, layers=2)
    (h_0, c_0), (h_1, c_1) = layer.initial_state(FINAL_STATE)
    parts = layer.bridge(FINAL_STATE)
    for found, wanted in zip((h_0, c_0, h_1, c_1), parts, strict=True):
        assert found.shape == wanted.shape == (2, 6)
    np.testing.assert_allclose(h_1, np.tanh(parts[2]), rtol=1e-6)
    np.testing.assert_allclose(c_1, parts[3])


def test_one_call_gives_what_the_methods_give():
    layer = AttentionDecoder(6)
    vectors, weights = layer(X, final_state=FINAL_STATE, memory=MEMORY, memory_mask=MASK)
    expected, expected_weights = teach(layer)
    np.testing.assert_array_equal(vectors, expected)
    np.testing.assert_array_equal(weights, expected_weights)


def test_it_builds_on_the_call_that_comes_first():
    state, constants = AttentionDecoder(6).initial_state(FINAL_STATE), AttentionDecoder(6).constants(MEMORY)
    layer = AttentionDecoder(6)
    assert layer.step(X[:, 0], state, constants)[0].shape == (2, 6)
    assert layer(X, state, constants)[0].shape == (2, 4, 6)
    teach(layer)
    assert len(layer.weights) == 2 + 3 + 1 + 2


def test_a_functional_model_by_the_methods_trains_saves_and_loads(tmp_path):
    decoder = AttentionDecoder(6, layers=2)
    x, final_state, memory = keras.Input([None, 3]), keras.Input([5]), keras.Input([None, 6])
    state, constants = decoder.initial_state([final_state]), decoder.constants(memory)
    vectors, _ = decoder(x, state, constants)
    first, _, state = decoder.step(x[:, 0], state, constants)
    model = keras.Model([x, final_state, memory], [vectors, first, state])
    assert len(model.weights) == len(decoder.weights)
    inputs = [X, FINAL_STATE["mean"], MEMORY]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(inputs, training=True)[0] ** 2)
    assert all(g is not None for g in tape.gradient(loss, [w.value for w in model.trainable_weights]))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(tf.nest.flatten(model(inputs)), tf.nest.flatten(again(inputs)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_keras_mask_of_the_memory_is_taken():
    ids = tf.constant([[1, 2, 0, 0], [1, 0, 0, 0]])
    embedded = keras.layers.Embedding(3, 6, mask_zero=True)(ids)
    layer = AttentionDecoder(6)
    assert layer.constants(embedded)["mask"].numpy().tolist() == (ids != 0).numpy().tolist()
    _, weights = layer(X, final_state=FINAL_STATE, memory=embedded)
    assert not weights[0, :, 2:].numpy().any()
    assert not weights[1, :, 1:].numpy().any()


def test_the_keras_mask_of_the_target_is_passed_on():
    embedded = keras.layers.Embedding(3, 6, mask_zero=True)(tf.constant([[1, 2, 0], [1, 0, 0]]))
    vectors, _ = AttentionDecoder(6)(embedded, final_state=FINAL_STATE, memory=MEMORY)
    assert vectors._keras_mask.numpy().tolist() == [[True, True, False], [True, False, False]]


@keras.saving.register_keras_serializable("tests")
class Mean(keras.layers.Layer):
    """An attention without keys and weights: the mean of the valid memory."""

    supports_masking = True

    def call(self, query, memory, keys=None, mask=None):
        valid = tf.ones(tf.shape(memory)[:2]) if mask is None else tf.cast(mask, tf.float32)
        weights = valid / tf.reduce_sum(valid, axis=1, keepdims=True)
        weights = tf.repeat(weights[:, tf.newaxis], tf.shape(query)[1], axis=1)
        return tf.matmul(weights, memory), weights


@pytest.mark.parametrize("attention", [Mean(), LuongAttention(6, "dot", name="another")], ids=str)
def test_another_attention(attention):
    layer = AttentionDecoder(6, attention=attention)
    vectors, weights = teach(layer)
    assert layer.attention is attention
    if isinstance(attention, Mean):
        np.testing.assert_allclose(weights[1, 0], [0.5, 0.5, 0, 0, 0])
    state, constants = layer.initial_state(FINAL_STATE), layer.constants(MEMORY, MASK)
    np.testing.assert_allclose(layer.step(X[:, 0], state, constants)[0], vectors[:, 0], atol=1e-6)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    teach(again)
    assert type(again.attention) is type(attention)
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(teach(again)[0], vectors, atol=1e-6)


@keras.saving.register_keras_serializable("tests")
def negative_dot(query, memory):
    return -tf.matmul(query, memory, transpose_b=True)


def test_a_score_of_ones_own():
    layer = AttentionDecoder(6, score=negative_dot)
    teach(layer)
    assert AttentionDecoder.from_config(layer.get_config()).attention.score is negative_dot


def test_an_attention_that_is_no_layer():
    with pytest.raises(ConfigError, match="attention: expected a Keras layer or None, got 'dot'"):
        AttentionDecoder(6, attention="dot")


def test_attention_and_score_together():
    with pytest.raises(ConfigError, match="attention: expected none beside score or scaled"):
        AttentionDecoder(6, score="dot", attention=Mean())


def test_a_call_without_state_or_memory():
    layer = AttentionDecoder(6)
    with pytest.raises(ValueError, match=r"expected x with a state or final_state .*; without state"):
        layer(X, memory=MEMORY)
    with pytest.raises(ValueError, match="; without constants"):
        layer(X, final_state=FINAL_STATE)
    with pytest.raises(ValueError, match="; without x, state, constants"):
        layer()


@pytest.mark.parametrize(
    ("argument", "value"),
    [("units", 0), ("layers", 0), ("score", "cosine"), ("dropout", 1.0), ("cell", "transistor")],
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        AttentionDecoder(**{"units": 6, argument: value})
