"""Loops over time for recurrences that no layer computes at once."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf


class Affine(NamedTuple):
    """``left W + b``, a product within a loop.

    Fields:
        matrix: W [in, out], or one per row of the batch [B, in, out].
        bias: b [out], or none.
    """

    matrix: tf.Tensor
    bias: tf.Tensor | None = None

    def __call__(self, left: tf.Tensor) -> tf.Tensor:
        """[B, out] of left [B, in]."""
        result = _multiply(left, self.matrix)
        return result if self.bias is None else tf.nn.bias_add(result, self.bias)


class _Saved(NamedTuple):
    """What the steps of a loop leave for its gradient, all [T, B, …]: states before each step, products."""

    states: Any
    lefts: dict[str, tf.Tensor]
    results: dict[str, tf.Tensor]


def scan(
    step: Callable, steps: tf.Tensor, state: Any, specs: Sequence[tf.TensorSpec]
) -> tuple[list[tf.Tensor], Any]:
    """Runs ``step(t, state) -> outputs, new state`` for t = 0 … steps - 1.

    Args:
        step: gives a tensor [B, …] per output.
        steps: int32 [], T.
        state: nest of [B, …].
        specs: shapes and types of the outputs of one step.

    Returns:
        outputs [T, B, …] and the last state.
    """

    def advance(t, state, arrays):
        outputs, new_state = step(t, state)
        arrays = [array.write(t, output) for array, output in zip(arrays, outputs, strict=True)]
        return t + 1, _with_shapes(new_state, state), arrays

    start = (0, state, _arrays(specs, steps))
    _, state, arrays = tf.while_loop(lambda t, *_: t < steps, advance, start, parallel_iterations=1)
    return [array.stack() for array in arrays], state


def gathered_scan(
    step: Callable,
    inputs: Any,
    state: Any,
    constants: Any,
    products: dict[str, Affine],
    specs: Sequence[tf.TensorSpec],
) -> tuple[list[tf.Tensor], Any]:
    """`scan` whose gradient multiplies the weights of all steps at once.

    TensorFlow's gradient of a loop adds up a gradient of every weight at every step. Here the backward loop
    yields the gradients ``d_t`` of the products; with all left factors ``l_t``, that of a weight is
    ``Σ_t l_tᵀ d_t``, one product over all steps and rows. The backward loop takes the results of products
    from the forward one, and computes again what lies between them, step by step.

    Args:
        step: ``step(t, inputs_t, state, constants, product) -> outputs, new state``, where
            ``product(name, left)`` is ``products[name](left)``, at most once per name. Other tensors that
            it captures get no gradient.
        inputs: nest of [T, B, …], with at least one tensor.
        state: nest of [B, …].
        constants: nest of tensors that every step reads.
        products: products of the loop by name.
        specs: shapes and types of the outputs of one step.

    Returns:
        outputs [T, B, …] and the last state, as `scan`.
    """
    values = (inputs, state, constants, {name: tuple(_present(p)) for name, p in products.items()})

    @tf.custom_gradient
    def run(*flat):
        packed = tf.nest.pack_sequence_as(values, flat)
        outputs, last, saved = _forward(step, packed, specs)

        def gradient(*upstream):
            return tf.nest.flatten(_backward(step, packed, saved, upstream))

        return (*outputs, *tf.nest.flatten(last)), gradient

    # A custom gradient must capture values: a variable may have changed when the gradient reads it.
    found = run(*(tf.identity(value) for value in tf.nest.flatten(values)))
    return list(found[: len(specs)]), tf.nest.pack_sequence_as(state, list(found[len(specs) :]))


def _forward(step: Callable, values: tuple, specs: Sequence[tf.TensorSpec]) -> tuple[list, Any, _Saved]:
    """Outputs, the last state, and what `_backward` needs."""
    inputs, state, constants, weights = values
    names, kept = sorted(weights), len(tf.nest.flatten(state))

    def advance(t, state):
        lefts, results = {}, {}

        def product(name, left):
            lefts[name], results[name] = left, Affine(*weights[name])(left)
            return results[name]

        outputs, new_state = step(t, _at(inputs, t), state, constants, product)
        factors = [found[name] for found in (lefts, results) for name in names]
        return [*outputs, *tf.nest.flatten(state), *factors], new_state

    saves = [*_specs(state), *(_factor(weights[name][0], axis) for axis in (-2, -1) for name in names)]
    found, last = scan(advance, _steps(inputs), state, [*specs, *saves])
    outputs, rest = found[: len(specs)], found[len(specs) :]
    lefts, results = rest[kept : kept + len(names)], rest[kept + len(names) :]
    saved = _Saved(
        tf.nest.pack_sequence_as(state, rest[:kept]),
        dict(zip(names, lefts, strict=True)),
        dict(zip(names, results, strict=True)),
    )
    return outputs, last, saved


def _backward(step: Callable, values: tuple, saved: _Saved, upstream: Sequence[tf.Tensor]) -> tuple:
    """Gradients of `values`: inputs, state, constants, weights."""
    inputs, state, constants, weights = values
    outputs = len(upstream) - len(tf.nest.flatten(state))
    d_state = tf.nest.pack_sequence_as(state, upstream[outputs:])

    def retreat(t, d_state, d_constants, arrays):
        sources = (_at(inputs, t), _at(saved.states, t), constants, _at(saved.results, t))
        d_outputs = [*(upstream[i][t] for i in range(outputs)), *tf.nest.flatten(d_state)]
        d_inputs, d_state, d_more, d_results = _step_gradient(step, t, sources, weights, d_outputs)
        d_constants = tf.nest.map_structure(tf.add, d_constants, d_more)
        found = tf.nest.flatten((d_inputs, d_results))
        arrays = [array.write(t, value) for array, value in zip(arrays, found, strict=True)]
        return t - 1, d_state, d_constants, arrays

    steps = _steps(inputs)
    each_step = (inputs, saved.results)
    arrays = _arrays([tf.TensorSpec(x.shape[1:], x.dtype) for x in tf.nest.flatten(each_step)], steps)
    start = (steps - 1, d_state, tf.nest.map_structure(tf.zeros_like, constants), arrays)
    found = tf.while_loop(lambda t, *_: t >= 0, retreat, start, parallel_iterations=1)
    _, d_state, d_constants, arrays = found
    d_inputs, d_results = tf.nest.pack_sequence_as(each_step, [array.stack() for array in arrays])
    d_weights = {
        name: _weight_gradient(weights[name], saved.lefts[name], d_results[name]) for name in weights
    }
    return d_inputs, d_state, d_constants, d_weights


def _step_gradient(step: Callable, t: tf.Tensor, sources: tuple, weights: dict, upstream: list) -> tuple:
    """Gradients of one step's inputs, state, constants and results of products."""
    inputs, state, constants, results = sources
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tf.nest.flatten(sources))

        def product(name, left):
            return _known_product(left, results[name], weights[name][0])

        outputs, new_state = step(t, inputs, state, constants, product)
        targets = [*outputs, *tf.nest.flatten(_with_shapes(new_state, state))]
    found = tape.gradient(
        targets, tf.nest.flatten(sources), upstream, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return tf.nest.pack_sequence_as(sources, found)


def _known_product(left: tf.Tensor, result: tf.Tensor, matrix: tf.Tensor) -> tf.Tensor:
    """The result of a product, as a function of its left factor and of itself for the gradient."""

    @tf.custom_gradient
    def given(left, result):
        return tf.identity(result), lambda d: (_multiply(d, matrix, transpose=True), d)

    return given(left, result)


def _weight_gradient(weight: tuple, lefts: tf.Tensor, d: tf.Tensor) -> tuple:
    """Gradients of matrix and bias, from left factors [T, B, in] and gradients d [T, B, out] of results."""
    if weight[0].shape.rank == 3:
        d_matrix = tf.matmul(tf.transpose(lefts, [1, 2, 0]), tf.transpose(d, [1, 0, 2]))
    else:
        flat = (tf.reshape(value, [-1, tf.shape(value)[-1]]) for value in (lefts, d))
        d_matrix = tf.matmul(*flat, transpose_a=True)
    return (d_matrix,) if len(weight) == 1 else (d_matrix, tf.reduce_sum(d, axis=[0, 1]))


def _multiply(left: tf.Tensor, matrix: tf.Tensor, transpose: bool = False) -> tf.Tensor:
    if matrix.shape.rank == 2:
        return tf.matmul(left, matrix, transpose_b=transpose)
    return tf.matmul(left[:, tf.newaxis], matrix, transpose_b=transpose)[:, 0]


def _arrays(specs: Sequence[tf.TensorSpec], steps: tf.Tensor) -> list[tf.TensorArray]:
    return [tf.TensorArray(spec.dtype, size=steps, element_shape=spec.shape) for spec in specs]


def _specs(nest: Any) -> list[tf.TensorSpec]:
    return [tf.TensorSpec(value.shape, value.dtype) for value in tf.nest.flatten(nest)]


def _factor(matrix: tf.Tensor, axis: int) -> tf.TensorSpec:
    """The left factor (axis -2) or the result (-1) of a product with `matrix`."""
    return tf.TensorSpec([None, matrix.shape[axis]], matrix.dtype)


def _present(affine: Affine) -> list[tf.Tensor]:
    return [value for value in affine if value is not None]


def _at(nest: Any, t: tf.Tensor) -> Any:
    return tf.nest.map_structure(lambda value: value[t], nest)


def _steps(inputs: Any) -> tf.Tensor:
    return tf.shape(tf.nest.flatten(inputs)[0])[0]


def _with_shapes(new: Any, old: Any) -> Any:
    """`new` with the static shapes of `old`, which a loop requires."""
    for tensor, like in zip(tf.nest.flatten(new), tf.nest.flatten(old), strict=True):
        tensor.set_shape(like.shape)
    return tf.nest.pack_sequence_as(old, tf.nest.flatten(new))
