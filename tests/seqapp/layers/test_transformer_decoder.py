import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.recurrent_encoder import RecurrentEncoder
from seqapp.layers.transformer_decoder import TransformerDecoder
from tests.support.decoders import FINAL_STATE, MASK, MEMORY, X, check_decoder, teach


@pytest.mark.slow
def test_layer_contract():
    check_decoder(
        TransformerDecoder,
        {
            "units": 8,
            "layers": 2,
            "heads": 2,
            "feedforward_units": 12,
            "positions": "learned",
            "max_length": 3,
            "alignment_layer": 2,
            "dropout": 0.2,
        },
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"units": 3, "heads": 1},
        {"units": 8, "layers": 3, "heads": 2},
        {"units": 8, "layers": 2, "heads": 4, "positions": "learned", "max_length": 2},
    ],
)
@pytest.mark.parametrize("steps", [4, 7])
def test_step_by_step_equals_teacher_forcing(settings, steps):
    layer = TransformerDecoder(**settings)
    vectors, weights = teach(layer)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE, steps)
    for t in range(4):
        vector, weight, state = layer.step(X[:, t], state, constants)
        np.testing.assert_allclose(vector, vectors[:, t], atol=1e-5)
        np.testing.assert_allclose(weight, weights[:, t], atol=1e-6)
    assert state["position"].numpy().tolist() == [4, 4]


def test_the_cache_has_one_shape_through_a_loop():
    layer = TransformerDecoder(8, layers=2)
    vectors, _ = teach(layer)

    @tf.function(autograph=False)
    def last(steps):
        constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE, steps)
        return tf.while_loop(
            lambda t, *_: t < 4,
            lambda t, _, state: (t + 1, *layer.step(X[:, t], state, constants)[::2]),
            (0, tf.zeros([2, 8]), state),
        )[1]

    np.testing.assert_allclose(last(tf.constant(6)), vectors[:, -1], atol=1e-5)


def test_hypotheses_of_a_row_share_its_constants_and_follow_their_own_parents():
    layer = TransformerDecoder(8, layers=2)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE, 2)
    state = tf.nest.map_structure(lambda s: tf.repeat(s, 2, axis=0), state)
    first = tf.random.normal([4, 3], seed=5)
    _, _, state = layer.step(first, state, constants)
    parents = tf.constant([1, 1, 2, 3])
    second = tf.random.normal([4, 3], seed=6)
    state = tf.nest.map_structure(lambda s: tf.gather(s, parents), state)
    vectors, weights, _ = layer.step(second, state, constants)
    for row in range(4):
        x = tf.stack([first[parents[row]], second[row]])[tf.newaxis]
        one = row // 2
        alone, of_alone = layer(x, memory=MEMORY[one : one + 1], memory_mask=MASK[one : one + 1])
        np.testing.assert_allclose(vectors[row], alone[0, 1], atol=1e-5)
        np.testing.assert_allclose(weights[row], of_alone[0, 1], atol=1e-6)


def test_rows_may_stand_at_different_positions():
    layer = TransformerDecoder(8, layers=2)
    vectors, _ = teach(layer)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE, 4)
    _, _, ahead = layer.step(X[:, 0], state, constants)
    mixed = tf.nest.map_structure(lambda a, b: tf.stack([a[0], b[1]]), ahead, state)
    vector, _, _ = layer.step(tf.stack([X[0, 1], X[1, 0]]), mixed, constants)
    np.testing.assert_allclose(vector, tf.stack([vectors[0, 1], vectors[1, 0]]), atol=1e-5)


def test_padding_of_the_memory_and_later_inputs_change_nothing():
    layer = TransformerDecoder(8, layers=2)
    vectors, _ = teach(layer)
    padded = tf.concat([MEMORY, 9.0 * tf.ones([2, 3, 6])], axis=1)
    more = tf.concat([X, 9.0 * tf.ones([2, 2, 3])], axis=1)
    vectors_padded, weights = teach(layer, more, padded, tf.pad(MASK, [[0, 0], [0, 3]]))
    np.testing.assert_allclose(vectors_padded[:, :4], vectors, atol=1e-5)
    assert not weights[:, :, 5:].numpy().any()


def test_a_row_alone_gives_what_it_gives_in_a_batch():
    layer = TransformerDecoder(8, layers=2)
    vectors, weights = teach(layer)
    alone, of_alone = layer(X[1:], memory=MEMORY[1:, :2], memory_mask=MASK[1:, :2])
    np.testing.assert_allclose(alone[0], vectors[1], atol=1e-5)
    np.testing.assert_allclose(of_alone[0], weights[1, :, :2], atol=1e-6)


def test_every_weight_gets_a_gradient():
    layer = TransformerDecoder(8, layers=2, positions="learned")
    with tf.GradientTape() as tape:
        vectors, _ = layer(X, memory=MEMORY, memory_mask=MASK, training=True)
        total = tf.reduce_sum(vectors**2 * tf.range(8.0))
    for weight, gradient in zip(
        layer.trainable_weights, tape.gradient(total, [w.value for w in layer.trainable_weights]), strict=True
    ):
        assert gradient is not None, weight.path


def test_attention_weights_of_every_layer_and_the_alignment_among_them():
    layer = TransformerDecoder(8, layers=3, heads=2, dropout=0.5)
    constants = layer.constants(MEMORY, MASK)
    of_self, of_memory = layer.attention_weights(X, constants)
    assert [w.shape for w in of_self] == [(2, 2, 4, 4)] * 3
    assert [w.shape for w in of_memory] == [(2, 2, 4, 5)] * 3
    for weights in of_self:
        np.testing.assert_allclose(tf.reduce_sum(weights, -1), 1.0, rtol=1e-5)
        assert not np.triu(weights, 1).any()
    for weights in of_memory:
        np.testing.assert_allclose(tf.reduce_sum(weights, -1), 1.0, rtol=1e-5)
        assert not weights[1, :, :, 2:].numpy().any()
    # By default of the layer below the top one.
    np.testing.assert_allclose(layer(X, None, constants)[1], tf.reduce_mean(of_memory[1], axis=1), atol=1e-6)
    top = TransformerDecoder.from_config({**layer.get_config(), "alignment_layer": 3})
    top(X, memory=MEMORY)
    top.set_weights(layer.get_weights())
    weights = top(X, None, constants)[1]
    np.testing.assert_allclose(weights, tf.reduce_mean(of_memory[2], axis=1), atol=1e-6)


def test_the_memory_of_a_recurrent_encoder():
    encoder, layer = RecurrentEncoder(10), TransformerDecoder(8)
    memory, final_state, _ = encoder(MEMORY, MASK)
    constants, state = layer.constants(memory, MASK), layer.initial_state(final_state, 1)
    vectors, _ = layer(X, state, constants)
    np.testing.assert_allclose(layer.step(X[:, 0], state, constants)[0], vectors[:, 0], atol=1e-5)


@pytest.mark.slow
def test_a_functional_model_by_the_methods_trains_saves_and_loads(tmp_path):
    decoder = TransformerDecoder(8, layers=2)
    x, final_state, memory = keras.Input([None, 3]), keras.Input([5]), keras.Input([None, 6])
    state, constants = decoder.initial_state([final_state], 2), decoder.constants(memory)
    vectors, _ = decoder(x, state, constants)
    first, _, state = decoder.step(x[:, 0], state, constants)
    second, _, state = decoder.step(x[:, 1], state, constants)
    model = keras.Model([x, final_state, memory], [vectors, first, second, state])
    assert len(model.weights) == len(decoder.weights)
    inputs = [X, FINAL_STATE["mean"], MEMORY]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(inputs, training=True)[0] ** 2)
    assert all(g is not None for g in tape.gradient(loss, [w.value for w in model.trainable_weights]))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(tf.nest.flatten(model(inputs)), tf.nest.flatten(again(inputs)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    found = model(inputs)
    np.testing.assert_allclose(found[2], found[0][:, 1], atol=1e-5)


def test_the_keras_masks_of_memory_and_target():
    ids = tf.constant([[1, 2, 0, 0], [1, 0, 0, 0]])
    embedded = keras.layers.Embedding(3, 6, mask_zero=True)(ids)
    layer = TransformerDecoder(8)
    assert layer.constants(embedded)["mask"].numpy().tolist() == (ids != 0).numpy().tolist()
    vectors, weights = layer(embedded, memory=embedded)
    assert not weights[0, :, 2:].numpy().any()
    assert vectors._keras_mask.numpy().tolist() == (ids != 0).numpy().tolist()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_a_step_in_any_type(dtype):
    layer = TransformerDecoder(8, layers=2, dtype=dtype)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE, 4)
    vectors, _ = layer(X, state, constants)
    vector, weights, state = layer.step(X[:, 0], state, constants)
    assert vector.dtype == state["keys"][0].dtype == dtype
    assert weights.dtype == ("float64" if dtype == "float64" else "float32")
    tolerance = 1e-6 if dtype == "float64" else 0.05
    np.testing.assert_allclose(
        tf.cast(vector, "float64"), tf.cast(vectors[:, 0], "float64"), atol=tolerance
    )


def test_a_step_without_room():
    layer = TransformerDecoder(8)
    constants, state = layer.constants(MEMORY, MASK), layer.initial_state(FINAL_STATE)
    with pytest.raises(ValueError, match=r"state: expected that of initial_state\(final_state, steps\)"):
        layer.step(X[:, 0], state, constants)


def test_a_call_without_memory():
    layer = TransformerDecoder(8)
    with pytest.raises(ValueError, match="expected x with constants or a memory; without constants"):
        layer(X, final_state=FINAL_STATE)
    with pytest.raises(ValueError, match="expected x with constants or a memory; without x, constants"):
        layer()


def test_units_are_divided_among_the_heads():
    with pytest.raises(ConfigError, match="units: expected a multiple of the 4 heads, got 6"):
        TransformerDecoder(6)


def test_unknown_positions_name_those_there_are():
    with pytest.raises(ConfigError, match="positions: expected one of sinusoidal, learned, got 'rotary'"):
        TransformerDecoder(8, positions="rotary")


@pytest.mark.parametrize("layer", [0, 3, "top"])
def test_an_alignment_layer_that_is_not_there(layer):
    with pytest.raises(ConfigError, match=f"alignment_layer: expected 1 to 2 or None, got {layer!r}"):
        TransformerDecoder(8, layers=2, alignment_layer=layer)
