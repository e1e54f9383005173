"""One step of each recurrent cell within a loop that gathers its products.

Activations are those of the layers that `make_recurrent` makes. Gradients are written out: those that
TensorFlow derives for tensors of unknown shape reduce every factor to the shape it had.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from seqapp.layers.gathered_loop import Affine

State = tuple[tf.Tensor, ...]


def cell_products(
    name: str, cell: str, kernel: tf.Tensor, bias: tf.Tensor, keras_cell: Any
) -> dict[str, Affine]:
    """The products of a cell within a loop.

    Args:
        name: what their names begin with.
        cell: one of `CELL_STEPS`.
        kernel: W [in, G], of the part of the input that the loop yields.
        bias: [G], or for each step what else is added to the product [T, B, G].
        keras_cell: the built cell, for its other weights.
    """
    recurrent = tf.convert_to_tensor(keras_cell.recurrent_kernel)
    if cell != "gru":
        return {f"{name}_both": Affine(tf.concat([kernel, recurrent], axis=0), bias)}
    inner = Affine(recurrent, tf.convert_to_tensor(keras_cell.bias)[1])
    return {f"{name}_input": Affine(kernel, bias), f"{name}_recurrent": inner}


def input_bias(keras_cell: Any) -> tf.Tensor:
    """The bias of the input's product, [G]; the recurrent product of a GRU has another."""
    bias = tf.convert_to_tensor(keras_cell.bias)
    return bias if bias.shape.rank == 1 else bias[0]


def _lstm(name: str, x: tf.Tensor, state: State, product: Callable) -> State:
    h, c = state
    return _lstm_gates(product(f"{name}_both", x, h), c)


def _gru(name: str, x: tf.Tensor, state: State, product: Callable) -> State:
    (h,) = state
    return (_gru_gates(product(f"{name}_input", x), product(f"{name}_recurrent", h), h),)


def _simple_rnn(name: str, x: tf.Tensor, state: State, product: Callable) -> State:
    (h,) = state
    return (tf.tanh(product(f"{name}_both", x, h)),)


# By the names of `CELLS`: ``step(name, x [B, in], state, product) -> new state``, whose first part is the
# output, with the products of `cell_products`.
CELL_STEPS: dict[str, Callable[[str, tf.Tensor, State, Callable], State]] = {
    "lstm": _lstm,
    "gru": _gru,
    "simple_rnn": _simple_rnn,
}


@tf.custom_gradient
def _lstm_gates(z: tf.Tensor, c: tf.Tensor) -> tuple:
    """New h and c [B, H] of z = x W + h U + b [B, 4H] and c."""
    i, f, g, o = tf.split(z, 4, axis=1)
    i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
    new_c = f * c + i * g
    tanh_c = tf.tanh(new_c)

    def gradient(dh, dc):
        dc += _tanh_gradient(tanh_c, dh * o)
        of_gates = [_sigmoid_gradient(i, dc * g), _sigmoid_gradient(f, dc * c)]
        dz = tf.concat([*of_gates, _tanh_gradient(g, dc * i), _sigmoid_gradient(o, dh * tanh_c)], axis=1)
        return dz, dc * f

    return (o * tanh_c, new_c), gradient


@tf.custom_gradient
def _gru_gates(z: tf.Tensor, inner: tf.Tensor, h: tf.Tensor) -> tuple:
    """New h [B, H] of z = x W + b and inner = h U + d [B, 3H] and h; the reset gate acts on `inner`."""
    units = h.shape[1]
    of_gates, of_candidate = tf.split(z, [2 * units, units], axis=1)
    inner_gates, inner_candidate = tf.split(inner, [2 * units, units], axis=1)
    gates = tf.sigmoid(of_gates + inner_gates)
    update, reset = tf.split(gates, 2, axis=1)
    candidate = tf.tanh(of_candidate + reset * inner_candidate)

    def gradient(dh):
        d_candidate = _tanh_gradient(candidate, dh * (1 - update))
        d_both = tf.concat([dh * (h - candidate), d_candidate * inner_candidate], axis=1)
        d_gates = _sigmoid_gradient(gates, d_both)
        dz = tf.concat([d_gates, d_candidate], axis=1)
        return dz, tf.concat([d_gates, d_candidate * reset], axis=1), dh * update

    return candidate + update * (h - candidate), gradient


def _tanh_gradient(y: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    return tf.raw_ops.TanhGrad(y=y, dy=d)


def _sigmoid_gradient(y: tf.Tensor, d: tf.Tensor) -> tf.Tensor:
    return tf.raw_ops.SigmoidGrad(y=y, dy=d)
