"""Teacher forcing in the loop, against the decoder's own steps with automatic differentiation."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from seqapp.layers.attention_decoder import AttentionDecoder
from seqapp.layers.cells import CELLS
from seqapp.layers.luong_attention import SCORES

MASK = tf.sequence_mask([5, 2], 5)
ORDERS = {"feeding": {"input_feeding": True}, "bahdanau": {"order": "bahdanau"}}
# Two layers with residual connections and scaled scores, and the opposite of each.
SIZES = {"deep": {"layers": 2, "residual": True, "scaled": True}, "shallow": {}}
VARIANTS = list(itertools.product(CELLS, SCORES, ORDERS, SIZES))
# Each cell, score, order and size once or more.
FEW = [
    ("lstm", "general", "feeding", "deep"),
    ("gru", "additive", "bahdanau", "deep"),
    ("simple_rnn", "concat", "feeding", "shallow"),
    ("lstm", "dot", "bahdanau", "shallow"),
]
NAMES = ("cell", "score", "order", "size")


def normal(*shape, dtype="float64"):
    return tf.cast(np.random.default_rng(sum(shape)).normal(size=shape), dtype)


def built(cell, score, order, size, dtype="float64", **options):
    options = {**options, **ORDERS[order], **SIZES[size]}
    layer = AttentionDecoder(6, score=score, cell=cell, dtype=dtype, **options)
    layer.build((2, 4, 3), final_state_shape=(2, 7), memory_shape=(2, 5, 6))
    layer.set_weights([normal(*w.shape) * w.shape[0] ** -0.5 for w in layer.weights])
    return layer


def whole(layer, x, final_state, memory, mask):
    return layer(x, final_state=final_state, memory=memory, memory_mask=mask, training=True)


def step_by_step(layer, x, final_state, memory, mask):
    """The same from the decoder's steps, unrolled; with dropout from the same seeds."""
    state, constants = layer.initial_state(final_state), layer.constants(memory, mask)
    widths = [layer.input_units(x.shape[-1])] + [layer.units] * (layer.layers - 1)
    dropped = [
        dropout(tf.ones([x.shape[1], x.shape[0], width], x.dtype), training=True)
        for dropout, width in zip(layer.dropouts, widths, strict=False)
    ]
    found = []
    for t in range(x.shape[1]):
        vector, weights, state = layer.advance(x[:, t], state, constants, [mask[t] for mask in dropped])
        found.append((vector, weights))
    vectors, weights = (tf.stack(values, axis=1) for values in zip(*found, strict=True))
    return layer.dropouts[-1](vectors, training=True), weights


def outputs_and_gradients(run, layer, mask=MASK, dtype="float64"):
    """Vectors, weights, and the gradients of inputs and weights of a sum that weighs each output alike."""
    inputs = [normal(2, 4, 3, dtype=dtype), normal(2, 7, dtype=dtype), normal(2, 5, 6, dtype=dtype)]
    for i, dropout in enumerate(layer.dropouts):
        if layer.dropout:
            dropout.seed_generator.state.assign([3, i])
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = run(layer, *inputs, mask)
        total = sum(tf.reduce_sum(o * tf.cast(normal(*o.shape), o.dtype)) for o in map(in_float64, outputs))
    return [*outputs, *tape.gradient(total, [*inputs, *[w.value for w in layer.trainable_weights]])]


def in_float64(values):
    return tf.cast(values, tf.float64)


def assert_equal(found, expected, tolerance):
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        one, other = in_float64(one), in_float64(other)
        assert np.abs(one - other).max() <= tolerance * max(1.0, np.abs(other).max())


@pytest.mark.parametrize(NAMES, FEW)
def test_equals_its_steps_forward_and_backward(cell, score, order, size):
    layer = built(cell, score, order, size)
    for mask in (MASK, None):
        found = outputs_and_gradients(whole, layer, mask)
        assert all(np.abs(gradient).max() > 1e-6 for gradient in found)
        assert_equal(found, outputs_and_gradients(step_by_step, layer, mask), 1e-10)


@pytest.mark.parametrize(
    NAMES,
    [variant if variant in FEW else pytest.param(*variant, marks=pytest.mark.slow) for variant in VARIANTS],
)
def test_dropout_equals_its_steps_by_the_same_seed(cell, score, order, size):
    layer = built(cell, score, order, size, dropout=0.4)
    found = outputs_and_gradients(whole, layer)
    assert_equal(found, outputs_and_gradients(step_by_step, layer), 1e-10)
    without = built(cell, score, order, size)
    assert np.abs(found[0] - outputs_and_gradients(whole, without)[0]).max() > 0.01


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 1e-5), ("mixed_bfloat16", 0.05), ("mixed_float16", 0.01)]
)
@pytest.mark.parametrize(NAMES, FEW)
def test_dtypes(cell, score, order, size, dtype, tolerance):
    layer = built(cell, score, order, size, dtype)
    found = outputs_and_gradients(whole, layer, dtype=layer.compute_dtype)
    assert [one.dtype for one in found[:2]] == [layer.compute_dtype, "float32"]
    assert_equal(found, outputs_and_gradients(step_by_step, layer, dtype=layer.compute_dtype), tolerance)


@pytest.mark.slow
@pytest.mark.parametrize(NAMES, FEW)
def test_a_graph_of_unknown_lengths(cell, score, order, size):
    layer = built(cell, score, order, size, dropout=0.4)

    shapes = [None, None, 3], [None, 7], [None, None, 6]

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float64) for shape in shapes])
    def run(x, final_state, memory):
        return whole(layer, x, final_state, memory, MASK)

    found = outputs_and_gradients(lambda layer, *inputs: run(*inputs[:3]), layer)
    assert_equal(found, outputs_and_gradients(step_by_step, layer), 1e-10)


@pytest.mark.parametrize("order", ORDERS)
def test_second_derivatives(order):
    layer = built("gru", "additive", order, "shallow")
    final_state, memory = normal(2, 7), normal(2, 5, 6)

    def gradient_of_the_slope(run):
        x = normal(2, 4, 3)
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(run(layer, x, final_state, memory, MASK)[0] ** 2)
            first = inner.gradient(total, x)
            total = tf.reduce_sum(first**2)
        return outer.gradient(total, [x, *[w.value for w in layer.trainable_weights]])

    assert_equal(gradient_of_the_slope(whole), gradient_of_the_slope(step_by_step), 1e-9)


@pytest.mark.parametrize("order", ORDERS)
def test_without_training_no_input_is_dropped(order):
    layer = built("lstm", "general", order, "deep", dropout=0.4)
    inputs = [normal(2, 4, 3), normal(2, 7), normal(2, 5, 6)]
    vectors, _ = layer(inputs[0], final_state=inputs[1], memory=inputs[2], memory_mask=MASK)
    expected, _ = whole(built("lstm", "general", order, "deep"), *inputs, MASK)
    np.testing.assert_allclose(vectors, expected, atol=1e-12)
