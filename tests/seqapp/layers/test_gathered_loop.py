"""A loop with gathered products, against the same steps unrolled."""

import numpy as np
import tensorflow as tf

from seqapp.layers.gathered_loop import Affine, gathered_scan, scan


def normal(*shape):
    return tf.constant(np.random.default_rng(sum(shape)).normal(size=shape))


# T, B and widths; a matrix, one per row of the batch, and a bias per step and row.
PRODUCTS = {
    "both": Affine(normal(5, 4), normal(3, 2, 4)),
    "by_row": Affine(normal(2, 4, 6)),
    "last": Affine(normal(6, 2), normal(2)),
}
STATE = {"h": normal(2, 4), "fed": (normal(2, 1),)}
CONSTANTS = (normal(2, 6),)
SPECS = [tf.TensorSpec([None, 6], tf.float64), tf.TensorSpec([None, 4], tf.float64)]


def step(t, state, constants, product):
    h = tf.tanh(product("both", state["h"], *state["fed"]))
    found = product("by_row", h) * constants[0]
    return [found, h], {"h": h + state["h"], "fed": (product("last", found)[:, :1],)}


def unrolled(step, steps, state, constants, products, specs):
    found = []
    for t in range(steps):

        def product(name, *lefts, t=t):
            matrix, bias = products[name]
            left = tf.concat(lefts, axis=-1)
            bias = 0.0 if bias is None else bias[t] if bias.shape.rank == 3 else bias
            return tf.einsum("bi,bio->bo" if matrix.shape.rank == 3 else "bi,io->bo", left, matrix) + bias

        outputs, state = step(t, state, constants, product)
        found.append(outputs)
    return [tf.stack(values) for values in zip(*found, strict=True)], state


def outputs_and_gradients(run, steps=3):
    sources = tf.nest.flatten((STATE, CONSTANTS)) + [w for p in PRODUCTS.values() for w in p if w is not None]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        found = tf.nest.flatten(run(step, steps, STATE, CONSTANTS, PRODUCTS, SPECS))
        total = tf.add_n([tf.reduce_sum(normal(*value.shape) * value) for value in found])
    return [*found, *tape.gradient(total, sources)]


def assert_equal(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert np.abs(other).max() > 1e-3
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


def test_equals_the_steps_forward_and_backward():
    assert_equal(outputs_and_gradients(gathered_scan), outputs_and_gradients(unrolled))


def test_equals_the_steps_in_a_graph():
    run = tf.function(lambda: outputs_and_gradients(gathered_scan, tf.constant(3)), autograph=False)
    assert_equal(run(), outputs_and_gradients(unrolled))


def test_the_weights_are_multiplied_once_after_the_loop():
    run = tf.function(lambda: outputs_and_gradients(gathered_scan, tf.constant(3)), autograph=False)
    products = [op for op in run.get_concrete_function().graph.get_operations() if op.type == "MatMul"]
    assert sorted(tuple(op.outputs[0].shape) for op in products) == [(5, 4), (6, 2)]


def test_a_scan_sums_up():
    def add(t, state):
        return [state], state + tf.cast(t, tf.float32)

    [found], last = scan(add, tf.constant(4), tf.zeros([1]), [tf.TensorSpec([1], tf.float32)])
    assert found.numpy()[:, 0].tolist() == [0, 0, 1, 3]
    assert last.numpy().tolist() == [6]
