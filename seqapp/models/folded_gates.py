"""An LSTM step on gates that lie one after another in memory.

Keras's LSTM has its gates side by side, [N, 4H], and splitting them copies. Here they are the leading axis,
[4, N, H], in the order input, forget, output, candidate: the three sigmoids are one operation.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

# Places of input, forget, output and candidate in Keras's order i, f, g, o.
GATE_ORDER = (0, 1, 3, 2)


def gates_first(weights: Any) -> np.ndarray:
    """[4, …, H] of a Keras LSTM's weights [..., 4H]."""
    gates = np.split(np.asarray(weights, np.float32), 4, axis=-1)
    return np.stack([gates[place] for place in GATE_ORDER])


def input_table(embeddings: np.ndarray, cell: Any) -> np.ndarray:
    """``E W + b`` [4, V, H] of a table [V, E] and a Keras LSTM cell: the input products of all ids."""
    return gates_first(embeddings @ np.asarray(cell.kernel) + np.asarray(cell.bias))


def rows_per_gate(rows: int) -> tf.Tensor:
    """int32 [4, 1]: the first row of each gate in a table [4 · rows, H]."""
    return tf.constant([[gate * rows] for gate in range(4)])


def lstm_step(gates: tf.Tensor, c: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """New h and c [..., H] of gates before activation [4, ..., H]."""
    i, f, o = tf.unstack(tf.sigmoid(gates[:3]))
    return _state(i, f, o, gates[3], c)


def lstm_state(gates: Sequence[tf.Tensor], c: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """New h and c [..., H] of four gates before activation [..., H]."""
    i, f, o = map(tf.sigmoid, gates[:3])
    return _state(i, f, o, gates[3], c)


def _state(i, f, o, g, c):
    c = f * c + i * tf.tanh(g)
    return o * tf.tanh(c), c
