"""One step of each recurrent cell, given its input's product, so that a loop may gather the products."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

State = tuple[tf.Tensor, ...]
Product = Callable[[tf.Tensor], tf.Tensor]


def _lstm(z: tf.Tensor, state: State, recurrent: Product) -> State:
    h, c = state
    i, f, g, o = tf.split(z + recurrent(h), 4, axis=1)
    c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


def _gru(z: tf.Tensor, state: State, recurrent: Product) -> State:
    (h,) = state
    units = h.shape[1]
    of_gates, of_candidate = tf.split(z, [2 * units, units], axis=1)
    inner_gates, inner_candidate = tf.split(recurrent(h), [2 * units, units], axis=1)
    update, reset = tf.split(tf.sigmoid(of_gates + inner_gates), 2, axis=1)
    candidate = tf.tanh(of_candidate + reset * inner_candidate)
    return (candidate + update * (h - candidate),)


def _simple_rnn(z: tf.Tensor, state: State, recurrent: Product) -> State:
    (h,) = state
    return (tf.tanh(z + recurrent(h)),)


# By the names of `CELLS`: ``step(z, state, recurrent) -> new state``, whose first part is the output, with
# z = x W + b [B, G] and recurrent(h) = h U + d. Activations as `make_recurrent` has them.
CELL_STEPS: dict[str, Callable[[tf.Tensor, State, Product], State]] = {
    "lstm": _lstm,
    "gru": _gru,
    "simple_rnn": _simple_rnn,
}


def input_bias(cell: Any) -> tf.Tensor:
    """The bias of x W, [G], of a built Keras cell."""
    bias = tf.convert_to_tensor(cell.bias)
    return bias if bias.shape.rank == 1 else bias[0]


def recurrent_bias(cell: Any) -> tf.Tensor | None:
    """The bias of h U, [G], which only a GRU has."""
    bias = tf.convert_to_tensor(cell.bias)
    return None if bias.shape.rank == 1 else bias[1]
