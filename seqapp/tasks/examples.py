"""Examples as a user has them, and the batches that Keras's `fit` and `evaluate` take."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from seqapp.argument_checks import check_counts, surrogate_fault
from seqapp.errors import DataError
from seqapp.tasks.base import Task

_ROWS_AT_ONCE = 4096


def columns_of(data: Any, names: Sequence[str], argument: str = "data") -> dict[str, list[str]]:
    """Examples as columns of strings.

    Args:
        data: one of

            - an iterable of examples, each a tuple with a string per feature, or a mapping feature → string;
              of a single feature also the strings themselves;
            - a mapping feature → column;
            - a finite `tf.data.Dataset` of such examples, batched or not, which is read once.
        names: of the features, in order.
        argument: what messages call it.

    Raises:
        DataError: it is none of these, or holds no example.
    """
    if isinstance(data, tf.data.Dataset):
        columns = _from_dataset(data, names, argument)
    elif isinstance(data, Mapping):
        columns = {name: list(column) for name, column in _named(data, names, argument).items()}
        for name in names:
            if isinstance(data[name], str | bytes):
                raise DataError(f"{argument}: {name!r}: expected a list of texts, got one string")
    elif isinstance(data, str | bytes) or not isinstance(data, Iterable):
        raise DataError(
            f"{argument}: expected examples ({', '.join(names)}), a mapping of columns or a tf.data.Dataset, "
            f"got {type(data).__name__} {str(data)[:40]!r}"
        )
    else:
        rows = [_example(row, names, f"{argument}[{number}]") for number, row in enumerate(data)]
        columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return _checked(columns, argument)


def batches(
    task: Task,
    columns: Mapping[str, Sequence[str]],
    batch_size: int,
    seed: int | None = None,
    argument: str = "data",
) -> tf.data.Dataset:
    """Batches of ``(inputs, targets, sample weights)`` as the task's network takes them.

    Args:
        task: encodes the examples.
        columns: of `columns_of`.
        batch_size: examples per batch.
        seed: shuffles the examples, anew in each epoch; None keeps their order.
        argument: what messages call the examples.

    Raises:
        DataError: no example is short enough for the network.
    """
    check_counts(batch_size=batch_size)
    encoded = encoded_columns(task, columns)
    fitted = task.fitted_rows(encoded)
    kept = tf.where(fitted)[:, 0]
    rows, count = int(tf.size(fitted)), int(tf.size(kept))
    if not count:
        raise DataError(f"{argument}: all {rows} examples are longer than the model reads; give shorter ones")
    if count < rows:
        warnings.warn(
            f"{argument}: {rows - count} of {rows} examples left out: longer than the model reads",
            stacklevel=3,
        )
    dataset = tf.data.Dataset.from_tensor_slices(kept)
    if seed is not None:
        dataset = dataset.shuffle(count, seed=seed)

    def batch(chosen: tf.Tensor) -> Any:
        return task.network_batch({name: tf.gather(values, chosen) for name, values in encoded.items()})

    return dataset.batch(batch_size).map(batch, num_parallel_calls=2, deterministic=True).prefetch(2)


def encoded_columns(task: Task, columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What `Task.encode` gives for all rows, encoded in portions."""
    rows = len(next(iter(columns.values())))
    portions = []
    for start in range(0, rows, _ROWS_AT_ONCE):
        portion = {name: column[start : start + _ROWS_AT_ONCE] for name, column in columns.items()}
        portions.append(
            task.encode({name: tf.constant(list(column), tf.string) for name, column in portion.items()})
        )
    return {name: tf.concat([portion[name] for portion in portions], axis=0) for name in portions[0]}


def _from_dataset(data: tf.data.Dataset, names: Sequence[str], argument: str) -> dict[str, list[str]]:
    if data.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise DataError(f"{argument}: expected a finite tf.data.Dataset, got one that repeats for ever")
    columns: dict[str, list[str]] = {name: [] for name in names}
    for number, element in enumerate(data.as_numpy_iterator()):
        where = f"{argument}[{number}]"
        for name, values in zip(names, _example(element, names, where), strict=True):
            columns[name] += list(values) if getattr(values, "ndim", 0) else [values]
    return columns


def _named(values: Mapping[str, Any], names: Sequence[str], where: str) -> Mapping[str, Any]:
    missing = [name for name in names if name not in values]
    if missing:
        found = ", ".join(map(repr, values)) or "none"
        raise DataError(f"{where}: expected the features {', '.join(names)}, got {found}")
    return {name: values[name] for name in names}


def _example(row: Any, names: Sequence[str], where: str) -> list[Any]:
    if isinstance(row, Mapping):
        return list(_named(row, names, where).values())
    if len(names) == 1 and (isinstance(row, str | bytes) or hasattr(row, "ndim")):
        return [row]  # without a tuple around it
    if isinstance(row, str | bytes) or not isinstance(row, Sequence) or len(row) != len(names):
        raise DataError(f"{where}: expected ({', '.join(names)}), got {str(row)[:60]!r}")
    return list(row)


def _checked(columns: dict[str, list[Any]], argument: str) -> dict[str, list[str]]:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"{argument}: expected columns of one length, got {lengths}")
    if not all(lengths.values()):
        raise DataError(f"{argument}: expected at least one example, got none")
    return {
        name: [_text(value, f"{argument}[{number}], {name}") for number, value in enumerate(column)]
        for name, column in columns.items()
    }


def _text(value: Any, where: str) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if not isinstance(value, str):
        raise DataError(f"{where}: expected a string, got {type(value).__name__} {str(value)[:40]!r}")
    if fault := surrogate_fault(value):
        raise DataError(f"{where}: {fault}")
    return value
