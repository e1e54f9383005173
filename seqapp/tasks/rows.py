"""What all signatures do with the rows of a batch."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf


def of_any_batch(signature: Callable[..., dict[str, tf.Tensor]]) -> Any:
    """A signature that takes a batch without rows too, which the recurrent kernels do not."""

    @functools.wraps(signature)
    def answer(self, text: tf.Tensor, *columns: tf.Tensor, **named: tf.Tensor) -> dict[str, tf.Tensor]:
        rows = tf.shape(text)[0]

        def filled(column):
            empty = "" if column.dtype == tf.string else tf.zeros([], column.dtype)
            return tf.concat([column, tf.fill([tf.maximum(0, 1 - rows)], empty)], axis=0)

        columns, named = tf.nest.map_structure(filled, ((text, *columns), named))
        return {name: value[:rows] for name, value in signature(self, *columns, **named).items()}

    return answer


def by_length(lines: Sequence[str], batch_size: int) -> Iterator[np.ndarray]:
    """Indices of batches of lines of like length."""
    order = np.argsort([len(line) for line in lines], kind="stable")
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]
