"""Rows of a batch, whatever the task."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.argument_checks import check_counts, check_texts
from seqapp.errors import ConfigError


def of_any_batch(function: Callable[..., dict[str, tf.Tensor]]) -> Any:
    """A signature's function that takes a batch without rows too, which recurrent kernels do not.

    Columns of different numbers of rows are refused in graph (InvalidArgumentError).
    """

    @functools.wraps(function)
    def answer(self, *columns: tf.Tensor) -> dict[str, tf.Tensor]:
        columns = tuple(map(_column, columns))
        rows = tf.shape(columns[0])[0]
        same = _check_rows(columns) if len(columns) > 1 else None

        def filled(column):
            empty = "" if column.dtype == tf.string else tf.zeros([], column.dtype)
            return tf.concat([column, tf.fill([tf.maximum(0, 1 - rows)], empty)], axis=0)

        with tf.control_dependencies([] if same is None else [same]):
            columns = tuple(map(filled, columns))
        return {name: value[:rows] for name, value in function(self, *columns).items()}

    return answer


def _check_rows(columns: tuple[tf.Tensor, ...]) -> Any:
    """An op that raises InvalidArgumentError unless all columns have as many rows; None when run eagerly."""
    counts = tf.stack([tf.shape(column)[0] for column in columns])
    message = "all inputs must have the same number of rows, got"
    return tf.debugging.Assert(tf.reduce_all(tf.equal(counts, counts[0])), [message, counts], summarize=16)


def _column(values: Any) -> tf.Tensor:
    """A tensor of a column; raises `ConfigError` for a single value, such as one string."""
    column = tf.convert_to_tensor(values)
    if column.shape.rank == 0:
        raise ConfigError(f"expected a list with a value per row, got {values!r:.60}; write [value]")
    return column


def by_length(texts: Sequence[str], batch_size: int) -> Iterator[np.ndarray]:
    """Indices of batches of texts of like length."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def over_rows(
    function: Callable[..., Mapping[str, tf.Tensor]], columns: Sequence[Sequence[Any]], batch_size: int
) -> dict[str, list[Any]]:
    """The answers of a function of string columns [B] to any number of rows, in their order.

    Args:
        function: of one tensor per column; its outputs lead with B.
        columns: texts, all equally many; the first one's lengths decide which rows go together.
        batch_size: rows per call.

    Returns:
        output → a numpy value per row; empty without rows.

    Raises:
        ConfigError: a string stands where a column belongs, or `batch_size` is below 1.
    """
    check_texts(**{f"column {number}": column for number, column in enumerate(columns, 1)})
    check_counts(batch_size=batch_size)
    found: dict[str, list[Any]] = {}
    for indices in by_length(columns[0], batch_size):
        batch = [tf.constant([column[i] for i in indices], tf.string) for column in columns]
        for name, values in function(*batch).items():
            rows = found.setdefault(name, [None] * len(columns[0]))
            for i, value in zip(indices, values.numpy(), strict=True):
                rows[i] = value
    return found
