"""Loops over time for recurrences that no layer computes at once."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf


class Affine(NamedTuple):
    """A product within a loop, ``left W + b``.

    Fields:
        matrix: W [in, out], or one per row of the batch [B, in, out].
        bias: b [out], or one per step and row [T, B, out], or none.
    """

    matrix: tf.Tensor
    bias: tf.Tensor | None = None


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
    steps: tf.Tensor,
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
        step: ``step(t, state, constants, product) -> outputs, new state``, where ``product(name, *lefts)``
            is `products[name]` of ``[lefts]`` [B, in], concatenated; at most once per name. Other tensors
            that it captures get no gradient.
        steps: int32 [], T.
        state: nest of [B, …].
        constants: nest of tensors that every step reads.
        products: products of the loop by name.
        specs: shapes and types of the outputs of one step.

    Returns:
        outputs [T, B, …] and the last state, as `scan`.
    """
    weights = {name: [value for value in product if value is not None] for name, product in products.items()}
    values = (state, constants, weights)

    @tf.custom_gradient
    def run(*flat):
        packed = tf.nest.pack_sequence_as(values, flat)
        outputs, last, saved = _forward(step, steps, packed, specs)

        def gradient(*upstream):
            return tf.nest.flatten(_backward(step, steps, packed, saved, upstream))

        return (*outputs, *tf.nest.flatten(last)), gradient

    # A custom gradient must capture values: a variable may have changed when the gradient reads it.
    found = run(*(tf.identity(value) for value in tf.nest.flatten(values)))
    return list(found[: len(specs)]), tf.nest.pack_sequence_as(state, list(found[len(specs) :]))


def _forward(step: Callable, steps: tf.Tensor, values: tuple, specs: Sequence[tf.TensorSpec]) -> tuple:
    """Outputs, the last state, and what `_backward` needs, `_Saved`."""
    state, constants, weights = values
    names, kept = sorted(weights), len(tf.nest.flatten(state))

    def advance(t, state):
        lefts, results = {}, {}

        def product(name, *parts):
            lefts[name] = _joined(parts)
            results[name] = _affine(t, lefts[name], *weights[name])
            return results[name]

        outputs, new_state = step(t, state, constants, product)
        factors = [found[name] for found in (lefts, results) for name in names]
        return [*outputs, *tf.nest.flatten(state), *factors], new_state

    saves = [*_specs(state), *(_factor(weights[name][0], axis) for axis in (-2, -1) for name in names)]
    found, last = scan(advance, steps, state, [*specs, *saves])
    outputs, rest = found[: len(specs)], found[len(specs) :]
    lefts, results = rest[kept : kept + len(names)], rest[kept + len(names) :]
    states = tf.nest.pack_sequence_as(state, rest[:kept])
    factors = (dict(zip(names, factor, strict=True)) for factor in (lefts, results))
    return outputs, last, _Saved(states, *factors)


def _backward(
    step: Callable, steps: tf.Tensor, values: tuple, saved: _Saved, upstream: Sequence[tf.Tensor]
) -> tuple:
    """Gradients of `values`: state, constants, weights."""
    state, constants, weights = values
    names, outputs = list(weights), len(upstream) - len(tf.nest.flatten(state))
    # Here and not in the loop, where a product with a transposed matrix takes three times as long.
    transposed = {name: tf.linalg.matrix_transpose(matrix) for name, (matrix, *_) in weights.items()}
    # In second derivatives a result depends on its factors by `_known_product`, and must not do so twice.
    results = tf.nest.map_structure(tf.stop_gradient, saved.results)
    d_state = tf.nest.pack_sequence_as(state, upstream[outputs:])

    def retreat(t, d_state, d_constants, arrays):
        sources = (_at(saved.states, t), constants, _at(results, t))
        d_outputs = [*(upstream[i][t] for i in range(outputs)), *tf.nest.flatten(d_state)]
        d_state, d_more, d_results = _step_gradient(step, t, sources, weights, transposed, d_outputs)
        d_constants = tf.nest.map_structure(lambda *parts: tf.add_n(parts), d_constants, d_more)
        arrays = [array.write(t, d_results[name]) for array, name in zip(arrays, names, strict=True)]
        return t - 1, d_state, d_constants, arrays

    arrays = _arrays([_factor(weights[name][0], -1) for name in names], steps)
    start = (steps - 1, d_state, tf.nest.map_structure(tf.zeros_like, constants), arrays)
    found = tf.while_loop(lambda t, *_: t >= 0, retreat, start, parallel_iterations=1)
    _, d_state, d_constants, arrays = found
    d_weights = {
        name: _weight_gradient(weights[name], saved.lefts[name], array.stack())
        for name, array in zip(names, arrays, strict=True)
    }
    return d_state, d_constants, d_weights


def _step_gradient(
    step: Callable, t: tf.Tensor, sources: tuple, weights: dict, transposed: dict, upstream: list
) -> tuple:
    """Gradients of one step's state, constants and results of products, with the products' Wᵀ."""
    state, constants, results = sources
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tf.nest.flatten(sources))

        def product(name, *parts):
            return _known_product(parts, results[name], _of_step(weights[name], t), transposed[name])

        outputs, new_state = step(t, state, constants, product)
        targets = [*outputs, *tf.nest.flatten(_with_shapes(new_state, state))]
    found = tape.gradient(
        targets, tf.nest.flatten(sources), upstream, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    d_state, *others = tf.nest.pack_sequence_as(sources, found)
    return _with_shapes(d_state, state), *others


def _known_product(
    lefts: Sequence[tf.Tensor], result: tf.Tensor, weight: list, transposed: tf.Tensor
) -> tf.Tensor:
    """The result of a product, as a function of its factors and of itself for the gradient."""

    @tf.custom_gradient
    def given(result, *factors):
        lefts = factors[len(weight) :]

        def gradient(d):
            d_left = _multiply(d, transposed)
            d_lefts = tf.split(d_left, [left.shape[-1] for left in lefts], axis=1) if lefts[1:] else [d_left]
            # Those of the weights are gathered; these serve second derivatives, and a graph leaves them out.
            d_weight = _weight_gradient(weight, _joined(lefts)[tf.newaxis], d[tf.newaxis])
            return d, *d_weight, *d_lefts

        return tf.identity(result), gradient

    return given(result, *weight, *lefts)


def _of_step(weight: list, t: tf.Tensor) -> list:
    """Matrix and bias of the step t alone."""
    return [value[t : t + 1] if i and value.shape.rank == 3 else value for i, value in enumerate(weight)]


def _weight_gradient(weight: list, lefts: tf.Tensor, d: tf.Tensor) -> list:
    """Gradients of matrix and bias, from left factors [T, B, in] and gradients d [T, B, out] of results."""
    if weight[0].shape.rank == 3:
        d_matrix = tf.matmul(tf.transpose(lefts, [1, 2, 0]), tf.transpose(d, [1, 0, 2]))
    else:
        flat = (tf.reshape(value, [-1, tf.shape(value)[-1]]) for value in (lefts, d))
        d_matrix = tf.matmul(*flat, transpose_a=True)
    if len(weight) == 1:
        return [d_matrix]
    return [d_matrix, d if weight[1].shape.rank == 3 else tf.reduce_sum(d, axis=[0, 1])]


def _affine(t: tf.Tensor, left: tf.Tensor, matrix: tf.Tensor, bias: tf.Tensor | None = None) -> tf.Tensor:
    result = _multiply(left, matrix)
    if bias is None:
        return result
    return result + bias[t] if bias.shape.rank == 3 else tf.nn.bias_add(result, bias)


def _multiply(left: tf.Tensor, matrix: tf.Tensor) -> tf.Tensor:
    if matrix.shape.rank == 2:
        return tf.matmul(left, matrix)
    return tf.matmul(left[:, tf.newaxis], matrix)[:, 0]


def _joined(parts: Sequence[tf.Tensor]) -> tf.Tensor:
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=-1)


def _arrays(specs: Sequence[tf.TensorSpec], steps: tf.Tensor) -> list[tf.TensorArray]:
    return [tf.TensorArray(spec.dtype, size=steps, element_shape=spec.shape) for spec in specs]


def _specs(nest: Any) -> list[tf.TensorSpec]:
    return [tf.TensorSpec(value.shape, value.dtype) for value in tf.nest.flatten(nest)]


def _factor(matrix: tf.Tensor, axis: int) -> tf.TensorSpec:
    """The left factor (axis -2) or the result (-1) of a product with `matrix`."""
    return tf.TensorSpec([None, matrix.shape[axis]], matrix.dtype)


def _at(nest: Any, t: tf.Tensor) -> Any:
    return tf.nest.map_structure(lambda value: value[t], nest)


def _with_shapes(new: Any, old: Any) -> Any:
    """`new` with the static shapes of `old`, which a loop requires."""
    for tensor, like in zip(tf.nest.flatten(new), tf.nest.flatten(old), strict=True):
        tensor.set_shape(like.shape)
    return tf.nest.pack_sequence_as(old, tf.nest.flatten(new))
