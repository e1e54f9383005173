import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.cells import CELLS
from seqapp.layers.fixed_context_decoder import FixedContextDecoder
from tests.support.decoders import FINAL_STATE, MASK, MEMORY, X, check_decoder, teach

every_variant = pytest.mark.parametrize(
    "variant",
    [{}, {"layers": 2}, {"context_every_step": True}, {"layers": 3, "residual": True}],
    ids=str,
)


@pytest.mark.slow
def test_layer_contract():
    check_decoder(
        FixedContextDecoder,
        {"units": 6, "layers": 2, "residual": True, "context_every_step": True, "dropout": 0.2},
    )


@every_variant
@pytest.mark.parametrize("cell", CELLS)
def test_step_by_step_equals_teacher_forcing(cell, variant):
    layer = FixedContextDecoder(6, cell=cell, **variant)
    vectors, weights = teach(layer)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE)
    for t in range(4):
        vector, weight, state = layer.step(X[:, t], state, constants)
        np.testing.assert_allclose(vector, vectors[:, t], atol=1e-5)
        np.testing.assert_array_equal(weight, weights[:, t])


@every_variant
def test_hypotheses_of_a_row_side_by_side(variant):
    layer = FixedContextDecoder(6, **variant)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE)
    vectors, weights, _ = layer.step(X[:, 0], state, constants)
    state = tf.nest.map_structure(lambda s: tf.repeat(s, 3, axis=0), state)
    three, weights_of_three, _ = layer.step(tf.repeat(X[:, 0], 3, axis=0), state, constants)
    np.testing.assert_allclose(three, tf.repeat(vectors, 3, axis=0), atol=1e-6)
    np.testing.assert_array_equal(weights_of_three, tf.repeat(weights, 3, axis=0))


def test_weights_are_uniform_over_the_valid_positions():
    _, weights = teach(FixedContextDecoder(6))
    assert weights.dtype == tf.float32
    np.testing.assert_allclose(weights[0], np.full([4, 5], 0.2))
    np.testing.assert_allclose(weights[1], [[0.5, 0.5, 0.0, 0.0, 0.0]] * 4)
    _, weights = teach(FixedContextDecoder(6), mask=None)
    np.testing.assert_allclose(weights, np.full([2, 4, 5], 0.2))


def test_the_memory_contributes_nothing_to_the_vectors():
    layer = FixedContextDecoder(6)
    np.testing.assert_array_equal(teach(layer)[0], teach(layer, memory=7.0 * MEMORY[:, :3], mask=None)[0])


def test_context_at_every_step_by_hand():
    layer = FixedContextDecoder(1, context_every_step=True)
    layer.build((1, 1, 1), final_state_shape=(1, 2), memory_shape=(1, 1, 1))
    layer.bridge.projection.set_weights([np.zeros([2, 2]), np.zeros(2)])
    # Gates i, f, g, o: i and o are open, f is a half, g reads x (weight 1) and the context (2 and 3).
    kernel = np.array([[0, 0, 1, 0], [0, 0, 2, 0], [0, 0, 3, 0]])
    layer.stack[0].cell.set_weights([kernel, np.zeros([1, 4]), np.array([50.0, 0.0, 0.0, 50.0])])
    state = layer.initial_state(tf.constant([[0.2, -0.1]]))
    constants = layer.constants(tf.zeros([1, 1, 1]))
    vectors, _ = layer(tf.constant([[[0.4], [0.3]]]), state, constants)
    # c_1 = tanh(0.4 + 2 · 0.2 - 3 · 0.1), c_2 = c_1 / 2 + tanh(0.3 + 0.1).
    first = np.tanh(0.5)
    np.testing.assert_allclose(
        vectors[0, :, 0], np.tanh([first, first / 2 + np.tanh(0.4)]), rtol=1e-5
    )


def test_residual_layers_add_their_input():
    plain, residual = FixedContextDecoder(6, layers=2), FixedContextDecoder(6, layers=2, residual=True)
    teach(plain), teach(residual)
    residual.set_weights(plain.get_weights())
    lowest = plain.stack[0](X, initial_state=list(plain.initial_state(FINAL_STATE)["cells"][0]))[0]
    above = plain.stack[1](lowest, initial_state=list(plain.initial_state(FINAL_STATE)["cells"][1]))[0]
    np.testing.assert_allclose(teach(plain)[0], above, atol=1e-6)
    np.testing.assert_allclose(teach(residual)[0], lowest + above, atol=1e-6)


def test_every_layer_starts_from_a_part_of_its_own():
    layer = FixedContextDecoder(6, layers=2)
    (h_0, c_0), (h_1, c_1) = layer.initial_state(FINAL_STATE)["cells"]
    parts = layer.bridge(FINAL_STATE)
    np.testing.assert_allclose(h_0, np.tanh(parts[0]), rtol=1e-6)
    np.testing.assert_allclose(c_0, parts[1])
    np.testing.assert_allclose(h_1, np.tanh(parts[2]), rtol=1e-6)
    np.testing.assert_allclose(c_1, parts[3])


@every_variant
def test_a_functional_model_by_the_methods_trains_saves_and_loads(tmp_path, variant):
    decoder = FixedContextDecoder(6, **variant)
    x, final_state, memory = keras.Input([None, 3]), keras.Input([5]), keras.Input([None, 6])
    state, constants = decoder.initial_state([final_state]), decoder.constants(memory)
    vectors, weights = decoder(x, state, constants)
    first, _, state = decoder.step(x[:, 0], state, constants)
    model = keras.Model([x, final_state, memory], [vectors, weights, first, state["cells"]])
    assert len(model.weights) == len(decoder.weights)
    inputs = [X, FINAL_STATE["mean"], MEMORY]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(inputs, training=True)[0] ** 2)
    assert all(g is not None for g in tape.gradient(loss, [w.value for w in model.trainable_weights]))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(tf.nest.flatten(model(inputs)), tf.nest.flatten(again(inputs)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@every_variant
def test_it_builds_on_the_call_that_comes_first(variant):
    made = FixedContextDecoder(6, **variant)
    state, constants = made.initial_state(FINAL_STATE), made.constants(MEMORY)
    layer = FixedContextDecoder(6, **variant)
    assert layer.step(X[:, 0], state, constants)[0].shape == (2, 6)
    assert layer(X, state, constants)[0].shape == (2, 4, 6)
    teach(layer)
    assert len(layer.weights) == 2 + 3 * variant.get("layers", 1)


def test_keras_masks():
    ids = tf.constant([[1, 2, 0, 0], [1, 0, 0, 0]])
    memory = keras.layers.Embedding(3, 6, mask_zero=True)(ids)
    target = keras.layers.Embedding(3, 6, mask_zero=True)(tf.constant([[1, 2, 0], [1, 0, 0]]))
    vectors, weights = FixedContextDecoder(6)(target, final_state=FINAL_STATE, memory=memory)
    np.testing.assert_allclose(weights[:, 0], [[0.5, 0.5, 0, 0], [1, 0, 0, 0]])
    assert vectors._keras_mask.numpy().tolist() == [[True, True, False], [True, False, False]]


def test_a_call_without_state_or_memory():
    layer = FixedContextDecoder(6)
    expected = r"FixedContextDecoder: expected x with a state or final_state .*; without "
    with pytest.raises(ValueError, match=f"{expected}state"):
        layer(X, memory=MEMORY)
    with pytest.raises(ValueError, match=f"{expected}constants"):
        layer(X, final_state=FINAL_STATE)


@pytest.mark.parametrize(
    ("argument", "value"), [("units", 0), ("layers", 0), ("dropout", 1.0), ("cell", "transistor")]
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        FixedContextDecoder(**{"units": 6, argument: value})
