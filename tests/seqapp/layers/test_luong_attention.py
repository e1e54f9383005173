import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.luong_attention import SCORES, LuongAttention
from tests.support.layers import check_layer

MEMORY = tf.constant([[[1, 0, 0, 1, 2], [1, 0, 0, 1, 1], [1, 1, 0, 0, 1]]], tf.float32)
QUERY = tf.constant([[[1, 0, 0, 0, 2]]], tf.float32)


def attend(layer, query, memory, mask=None):
    return layer(query, memory, layer.project(memory), mask)


def test_worked_example_of_the_dot_score():
    # 1·1 + 2·2, 1·1 + 2·1 and 1·1 + 2·1; then e² / (e² + 2) and 1 / (e² + 2) twice.
    assert SCORES["dot"](QUERY, MEMORY).numpy().tolist() == [[[5, 3, 3]]]
    context, weights = attend(LuongAttention(5, "dot"), QUERY, MEMORY)
    np.testing.assert_array_equal(np.round(weights[0, 0], 3), np.float32([0.787, 0.107, 0.107]))
    # In the first column 1 everywhere, in the second 1 in the last row alone, …
    np.testing.assert_allclose(context[0, 0], [1, 0.107, 0, 0.893, 1.787], atol=1e-3)


def test_worked_example_of_a_score():
    score = SCORES["dot"](tf.constant([[[0.7, 0.3]]]), tf.constant([[[0.8, 0.2]]]))
    np.testing.assert_allclose(score, [[[0.62]]], rtol=1e-6)


def test_worked_example_of_a_weighted_value():
    # A query that scores ln(7/3) against 0 weighs (0.8, 0.2) by 0.7.
    memory, query = tf.constant([[[0.8, 0.2], [0.0, 0.0]]]), tf.constant([[[np.log(7 / 3) / 0.8, 0.0]]])
    context, weights = attend(LuongAttention(2, "dot"), query, memory)
    np.testing.assert_allclose(weights[0, 0], [0.7, 0.3], rtol=1e-5)
    np.testing.assert_allclose(context[0, 0], [0.56, 0.14], rtol=1e-5)


@pytest.mark.parametrize("score", ["concat", "additive"])
def test_scores_of_a_sum_by_hand(score):
    layer = LuongAttention(2, score)
    layer.build(memory_shape=(1, 2, 3))
    of_query, of_memory = np.array([[0, 1], [1, 0]]), np.array([[1, 0], [0, 1], [2, 2]])
    if score == "concat":
        layer.concat_kernel.assign(np.concatenate([of_query, of_memory]))
    else:
        layer.query_projection.kernel.assign(of_query)
        layer.key_projection.kernel.assign(of_memory)
    layer.score_vector.assign([10, 5])
    # The query gives (log 2, log 3), the keys are (0, 0) and (log 1.5, -log 3): sums (log 2, log 3) and
    # (log 3, 0). With tanh(log 2) = 0.6 and tanh(log 3) = 0.8 the scores are 6 + 4 and 8 + 0.
    query = tf.constant([[[np.log(3), np.log(2)]]])
    memory = tf.constant([[[2, 2, -1], [np.log(1.5), -np.log(3), 0]]])
    context, weights = attend(layer, query, memory)
    first = np.exp(2) / (np.exp(2) + 1)
    np.testing.assert_allclose(weights[0, 0], [first, 1 - first], rtol=1e-5)
    np.testing.assert_allclose(context[0, 0], first * memory[0, 0] + (1 - first) * memory[0, 1], rtol=1e-5)


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


X, SOURCE = tf.random.normal([2, 3, 4], seed=1), tf.random.normal([2, 5, 6], seed=2)
MASK = tf.constant([[True] * 5, [True, True, False, False, False]])
SHAPES = {"query_shape": (2, 3, 4), "memory_shape": (2, 5, 6)}
FLOATS = dict.fromkeys(SHAPES, "float32")


@keras.saving.register_keras_serializable("tests")
def twice_dot(query, memory):
    return 2.0 * tf.matmul(query, memory, transpose_b=True)


@keras.saving.register_keras_serializable("tests")
class Additive(keras.layers.Layer):
    """vᵀ tanh(W q + U m), Bahdanau et al. 2015."""

    def build(self, query_shape, memory_shape):
        self.query_weights = self.add_weight(shape=(query_shape[-1], 7))
        self.memory_weights = self.add_weight(shape=(memory_shape[-1], 7))
        self.v = self.add_weight(shape=(7,))

    def call(self, query, memory):
        both = (query @ self.query_weights)[:, :, None] + (memory @ self.memory_weights)[:, None]
        return tf.einsum("btsu,u->bts", tf.tanh(both), tf.convert_to_tensor(self.v))


@pytest.mark.parametrize(
    ("config", "width"), [({"units": 4, "scaled": True}, 6), ({"units": 4, "score": "dot"}, 4)]
)
def test_layer_contract(config, width):
    check_layer(
        LuongAttention,
        config,
        lambda layer: layer(X, SOURCE[:, :, :width], mask=MASK),
        input_shape={"query_shape": (2, 3, 4), "memory_shape": (2, 5, width)},
        input_dtype=FLOATS,
        supports_masking=True,
        expected_output_shape=((2, 3, width), (2, 3, 5)),
    )


def test_keys_from_project_are_those_of_the_call():
    layer = LuongAttention(4)
    found, expected = layer(X, SOURCE, layer.project(SOURCE), MASK), layer(X, SOURCE, mask=MASK)
    np.testing.assert_allclose(found[0], expected[0], atol=1e-6)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-6)


@pytest.mark.parametrize("score", ["general", Additive()], ids=str)
def test_a_functional_model_with_keys_of_its_own_trains_saves_and_loads(tmp_path, score):
    attention = LuongAttention(4, score)
    query, memory = keras.Input([None, 4]), keras.Input([None, 6])
    context, _ = attention(query, memory, attention.project(memory))
    model = keras.Model([query, memory], context)
    assert len(model.weights) == len(attention.weights) > 0
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.train_on_batch([X, SOURCE], tf.ones([2, 3, 6]))
    assert np.abs(before[0] - model.get_weights()[0]).max() > 0
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(again([X, SOURCE]), model([X, SOURCE]), atol=1e-6)


def test_the_keras_mask_of_the_memory_is_taken_and_that_of_the_query_passed_on():
    queries, ids = tf.constant([[1, 2, 0]]), tf.constant([[1, 2, 0, 0]])
    embedding, layer = keras.layers.Embedding(3, 4, mask_zero=True), LuongAttention(4)
    context, weights = layer(embedding(queries), embedding(ids))
    assert not weights[:, :, 2:].numpy().any()
    assert context._keras_mask.numpy().tolist() == [[True, True, False]]
    assert layer.project(embedding(ids))._keras_mask.numpy().tolist() == [[True, True, False, False]]
    inputs = keras.Input([None], dtype="int32")
    source = embedding(inputs)
    model = keras.Model(inputs, layer(source, source, layer.project(source)))
    assert not model(ids)[1][:, :, 2:].numpy().any()


def test_an_explicit_mask_comes_before_that_of_keras():
    embedding, layer = keras.layers.Embedding(3, 4, mask_zero=True), LuongAttention(4)
    _, weights = layer(X[:1], embedding(tf.constant([[1, 0]])), mask=tf.constant([[0, 1]]))
    assert weights[0, 0].numpy().tolist() == [0.0, 1.0]


def test_a_mask_per_query():
    mask = tf.sequence_mask([[1, 2, 3]] * 2, 5)
    _, weights = LuongAttention(4)(X, SOURCE, mask=mask)
    assert (weights.numpy() > 0).tolist() == mask.numpy().tolist()


@pytest.mark.parametrize("score", [twice_dot, Additive()], ids=["function", "layer"])
def test_a_score_of_ones_own(tmp_path, score):
    width = 4 if score is twice_dot else 6
    layer, memory = LuongAttention(4, score), SOURCE[:, :, :width]
    _, weights = layer(X, memory, mask=MASK)
    again = layer.score(X, memory)
    np.testing.assert_allclose(weights[0], tf.nn.softmax(again[0]), atol=1e-6)
    assert not weights[1, :, 2:].numpy().any()
    inputs = [keras.Input([None, 4]), keras.Input([None, width])]
    model = keras.Model(inputs, layer(*inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert callable(loaded.layers[-1].score)
    np.testing.assert_allclose(loaded([X, memory])[1], model([X, memory])[1], atol=1e-6)


def test_a_layer_as_score_trains_with_the_attention():
    layer = LuongAttention(4, Additive())
    layer.build((2, 3, 4), (2, 5, 6))
    assert [w.shape for w in layer.trainable_weights] == [(4, 7), (6, 7), (7,)]


def test_integers():
    layer = LuongAttention(4, "dot")
    query, memory = tf.cast(4 * X, tf.int32), tf.cast(4 * SOURCE[:, :, :4], tf.int32)
    context, _ = layer(query, memory)
    np.testing.assert_allclose(
        context, layer(tf.cast(query, tf.float32), tf.cast(memory, tf.float32))[0], atol=1e-6
    )


@pytest.mark.parametrize("score", ["cosine", 3, None])
def test_unknown_score_names_those_there_are(score):
    expected = f"expected one of dot, general, concat, additive, or a callable, got {score!r}"
    with pytest.raises(ConfigError, match=expected):
        LuongAttention(4, score)


def test_widths_that_do_not_fit():
    message = r"as wide as the queries \(4\), got 6; use score='general'"
    with pytest.raises(ConfigError, match=message):
        LuongAttention(4, "dot").project(SOURCE)
    with pytest.raises(ConfigError, match=message):
        LuongAttention(4, "dot")(X, SOURCE)
    with pytest.raises(ConfigError, match=r"query: expected a width of units \(5\), got 4"):
        LuongAttention(5)(X, SOURCE)


def test_shapes_that_do_not_fit():
    with pytest.raises(ConfigError, match=r"query: expected a shape \[.*\], got \(2, 4\)"):
        LuongAttention(4)(X[:, 0], SOURCE)
    with pytest.raises(ValueError, match=r"mask: expected the shape .*, got \(2, 1, 1, 5\)"):
        LuongAttention(4)(X, SOURCE, mask=MASK[:, tf.newaxis, tf.newaxis])


def test_no_units():
    with pytest.raises(ConfigError, match="units: expected an integer of at least 1, got 0"):
        LuongAttention(0)
