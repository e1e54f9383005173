import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.layers.gru import GRU
from seqapp.layers.lstm import LSTM
from seqapp.layers.simple_rnn import SimpleRNN
from tests.support.layers import check_layer

X = tf.random.normal([3, 5, 4], seed=1)
ALL = {"return_sequences": True, "return_state": True}
# Right padding; left padding, holes and a row of nothing but padding.
MASKS = {
    "none": None,
    "right": tf.sequence_mask([5, 2, 0], 5),
    "any": tf.constant([[0, 0, 1, 1, 1], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0]]),
}

KERAS = {LSTM: keras.layers.LSTM, GRU: keras.layers.GRU, SimpleRNN: keras.layers.SimpleRNN}
of_each_cell = pytest.mark.parametrize("cls", KERAS, ids=lambda cls: cls.__name__)
OPTIONS = [
    {"activation": "relu"},
    {"activation": None},
    {"use_bias": False},
    {"unroll": True},
    {"kernel_regularizer": "l2", "kernel_constraint": "max_norm", "activity_regularizer": "l2"},
    {"return_sequences": False},
    {"return_state": False},
    {"return_sequences": False, "return_state": False},
    {"return_sequences": False, "zero_output_for_mask": True},
]
OPTIONS_OF_GATES = [{"recurrent_activation": "hard_sigmoid"}, {"implementation": 1}]
OPTIONS_OF = {
    LSTM: [*OPTIONS, *OPTIONS_OF_GATES, {"unit_forget_bias": False, "bias_initializer": "ones"}],
    GRU: [*OPTIONS, *OPTIONS_OF_GATES, {"reset_after": False}, {"reset_after": False, "use_bias": False}],
    SimpleRNN: OPTIONS,
}


def pair(cls, units=6, dtype=None, **options):
    """Ours and Keras's, with the same weights."""
    ours = cls(units, dtype=dtype, **options)
    without_cudnn = {} if cls is SimpleRNN else {"use_cudnn": False}
    theirs = KERAS[cls](units, dtype=dtype, **without_cudnn, **options)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    for layer in (ours, theirs):
        layer.build(X.shape)
        layer.set_weights(
            [np.random.default_rng(i).normal(size=w.shape) for i, w in enumerate(layer.get_weights())]
        )
    return ours, theirs


def values_and_gradients(layer, training, mask=None, state=None, x=X):
    inputs = [x, *(state or [])]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = tf.nest.flatten(layer(x, initial_state=state, mask=mask, training=training))
        # Each output counts differently at each place.
        total = sum(
            tf.reduce_sum(o * tf.cast(tf.reshape(tf.range(tf.size(o)), tf.shape(o)), o.dtype) ** 0.5)
            for o in outputs
        )
    return outputs, tape.gradient(total, [*inputs, *[w.value for w in layer.trainable_weights]])


def states(cls, dtype="float32", directions=1):
    count = directions * len(cls.state_units(6))
    return [tf.constant(np.random.default_rng(i).normal(size=(3, 6)), dtype) for i in range(count)]


def assert_equal(found, expected, tolerance=1e-3):
    for one, other in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(
            tf.cast(one, tf.float64), tf.cast(other, tf.float64), rtol=tolerance, atol=tolerance
        )


@of_each_cell
@pytest.mark.parametrize("go_backwards", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
@pytest.mark.parametrize(
    ("training", "graph", "zeros"), [(True, True, True), (True, False, False), (False, False, True)]
)
def test_equals_keras_forward_and_backward(cls, go_backwards, mask, zeros, training, graph):
    ours, theirs = pair(cls, **ALL, go_backwards=go_backwards, zero_output_for_mask=zeros)
    run = tf.function(values_and_gradients) if graph else values_and_gradients
    found = run(ours, training, mask, states(cls))
    assert_equal(found, values_and_gradients(theirs, training, mask, states(cls)))


@pytest.mark.parametrize(
    ("cls", "options"), [(cls, options) for cls in KERAS for options in OPTIONS_OF[cls]], ids=str
)
@pytest.mark.parametrize("mask", [None, MASKS["any"]], ids=["all", "masked"])
def test_every_argument_does_what_it_does_in_keras(cls, options, mask):
    ours, theirs = pair(cls, **{**ALL, **options})
    assert_equal(
        values_and_gradients(ours, True, mask, states(cls)),
        values_and_gradients(theirs, True, mask, states(cls)),
    )
    assert len(ours.losses) == len(theirs.losses)
    np.testing.assert_allclose(ours.losses, theirs.losses, rtol=1e-4)


@of_each_cell
@pytest.mark.parametrize("options", [{"dropout": 0.5}, {"recurrent_dropout": 0.5}])
def test_dropout_equals_keras_by_the_same_seed(cls, options):
    ours, theirs = pair(cls, seed=3, **ALL, **options)
    found, expected = (values_and_gradients(layer, True) for layer in (ours, theirs))
    assert_equal(found, expected)
    assert np.abs(found[0][0] - ours(X)[0]).max() > 0.01


@of_each_cell
@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [
        ("float64", 1e-9),
        ("float16", 0.05),
        ("bfloat16", 0.3),
        ("mixed_float16", 0.05),
        ("mixed_bfloat16", 0.3),
    ],
)
def test_dtypes(cls, dtype, tolerance):
    # Keras's own initial value needs a QR decomposition, which TensorFlow does not have in bfloat16.
    options = {"recurrent_initializer": "zeros"} if dtype == "bfloat16" else {}
    ours, theirs = pair(cls, dtype=dtype, **ALL, **options)
    state = states(cls, ours.compute_dtype)
    x = tf.cast(X, ours.compute_dtype)
    found = values_and_gradients(ours, True, MASKS["any"], state, x)
    expected = values_and_gradients(theirs, True, MASKS["any"], state, x)
    assert_equal(found[0], expected[0], tolerance)
    for gradient, reference in zip(found[1], expected[1], strict=True):
        assert gradient.dtype == reference.dtype
        gradient, reference = (tf.cast(values, tf.float64) for values in (gradient, reference))
        assert np.abs(gradient - reference).max() <= tolerance * np.abs(reference).max()


@of_each_cell
@pytest.mark.parametrize("x", [tf.cast(4 * X, tf.int32), X.numpy(), X.numpy().astype("float64")], ids=str)
def test_types_of_inputs(cls, x):
    ours, theirs = pair(cls, **ALL)
    assert_equal(list(ours(x)), list(theirs(x)), 1e-5)


@of_each_cell
@pytest.mark.parametrize("mask", [MASKS["any"].numpy(), MASKS["any"][:, :, tf.newaxis]], ids=["numpy", "3d"])
def test_types_of_masks(cls, mask):
    ours, theirs = pair(cls, **ALL)
    assert_equal(list(ours(X, mask=mask)), list(theirs(X, mask=mask)), 1e-5)


@of_each_cell
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("graph", [True, False])
def test_stateful_equals_keras(cls, training, graph):
    ours, theirs = pair(cls, **ALL, stateful=True)
    run = tf.function(values_and_gradients) if graph else values_and_gradients
    for _ in range(3):
        assert_equal(run(ours, training), values_and_gradients(theirs, training))
    for layer in (ours, theirs):
        layer.reset_state()
    assert_equal(run(ours, training), values_and_gradients(theirs, training))


@of_each_cell
def test_a_second_call_continues_from_the_state_of_the_first(cls):
    layer, _ = pair(cls, **ALL)
    outputs, *_ = layer(X)
    first, *state = layer(X[:, :2])
    second, *_ = layer(X[:, 2:], initial_state=state)
    np.testing.assert_allclose(tf.concat([first, second], axis=1), outputs, atol=1e-6)


@of_each_cell
@pytest.mark.parametrize("merge_mode", ["concat", "sum", "mul", "ave", None])
@pytest.mark.parametrize("sequences", [True, False])
def test_bidirectional_equals_keras(cls, merge_mode, sequences):
    ours, theirs = (
        keras.layers.Bidirectional(
            one(6, return_sequences=sequences, return_state=True), merge_mode=merge_mode
        )
        for one in (cls, KERAS[cls])
    )
    theirs.build(X.shape)
    ours.build(X.shape)
    assert isinstance(ours.forward_layer, cls)
    assert isinstance(ours.backward_layer, cls)
    ours.set_weights(theirs.get_weights())
    for mask in MASKS.values():
        assert_equal(
            values_and_gradients(ours, True, mask, states(cls, directions=2)),
            values_and_gradients(theirs, True, mask, states(cls, directions=2)),
        )


@of_each_cell
def test_second_derivatives(cls):
    layer, _ = pair(cls, dtype="float64")
    x = tf.cast(X[:1, :2], tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            total = tf.reduce_sum(layer(x, training=True) ** 2)
        slope = inner.gradient(total, x)[0, 0, 0]
    curvature = outer.gradient(slope, x)[0, 0, 0]

    def slope_at(step):
        moved = x + tf.one_hot([0], 2, dtype=tf.float64)[:, :, tf.newaxis] * tf.one_hot(
            0, 4, step, dtype=tf.float64, off_value=tf.constant(0.0, tf.float64)
        )
        with tf.GradientTape() as tape:
            tape.watch(moved)
            total = tf.reduce_sum(layer(moved, training=True) ** 2)
        return tape.gradient(total, moved)[0, 0, 0]

    step = tf.constant(1e-5, tf.float64)
    np.testing.assert_allclose(curvature, (slope_at(step) - slope_at(-step)) / (2 * step), rtol=1e-5)


@of_each_cell
def test_layer_contract(cls):
    config = {"units": 6, "return_sequences": True, "use_bias": False, "zero_output_for_mask": True}
    layer = cls(**config)
    assert {name: layer.get_config()[name] for name in config} == config
    check_layer(
        cls,
        {"units": 6},
        lambda layer: layer(X),
        input_shape=(3, 5, 4),
        supports_masking=True,
        expected_output_shape=(3, 6),
    )


@of_each_cell
def test_serialisation_without_custom_objects(cls):
    layer = keras.layers.Bidirectional(cls(6, return_sequences=True))
    outputs = layer(X)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    again.build(X.shape)
    assert isinstance(again.forward_layer, cls)
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(again(X), outputs, atol=1e-6)


@of_each_cell
def test_a_mask_of_an_embedding_reaches_it(cls):
    ids = tf.constant([[1, 2, 0, 0]])
    model = keras.Sequential([keras.layers.Embedding(3, 4, mask_zero=True), cls(6)])
    np.testing.assert_allclose(model(ids), model(ids[:, :2]), atol=1e-6)


@of_each_cell
@pytest.mark.parametrize("options", [{"units": 0}, {"unknown": 1}, {"time_major": True}])
def test_arguments_that_keras_refuses(cls, options):
    with pytest.raises(ValueError, match=r"units|unknown|time_major"):
        cls(**{"units": 6, **options})


@pytest.mark.parametrize("cls", [LSTM, GRU])
def test_cudnn_without_a_gpu_is_refused(cls):
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU")
    with pytest.raises(ValueError, match="use_cudnn=True was specified, but cuDNN is not supported"):
        cls(6, use_cudnn=True)(X)


@of_each_cell
@pytest.mark.parametrize("training", [True, False])
def test_each_loop_has_one_product_per_step(cls, training):
    layer, _ = pair(cls, **ALL)
    run = tf.function(lambda: values_and_gradients(layer, training, MASKS["right"], states(cls)))
    graph = run.get_concrete_function().graph
    loops = [op for op in graph.get_operations() if op.type in ("While", "StatelessWhile")]
    bodies = [loop.get_attr("body").name for loop in loops]
    functions = {function.signature.name: function for function in graph.as_graph_def().library.function}
    products = [sum(node.op == "MatMul" for node in functions[body].node_def) for body in bodies]
    # Without the gathered gradient, TensorFlow's own has one product more: that of the recurrent kernel.
    assert products == ([1, 1] if training else [1, 2])


@of_each_cell
def test_weights_load_into_the_layer_of_keras(cls, tmp_path):
    layers = (one(6, name="layer") for one in (cls, KERAS[cls]))
    ours, theirs = (keras.Sequential([keras.Input((5, 4)), layer]) for layer in layers)
    assert np.abs(ours(X) - theirs(X)).max() > 1e-3
    ours.save_weights(tmp_path / "model.weights.h5")
    theirs.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(ours(X), theirs(X), atol=1e-6)
