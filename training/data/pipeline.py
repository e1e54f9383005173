"""Input pipeline: from rows of text to batches for `fit`.

strings → ids (encoding of the task, in graph) → too long rows dropped or cut, and counted → length buckets,
reshuffled each epoch → padding to few distinct shapes (no retracing) → prefetching.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from seqapp.special_ids import PAD_ID
from seqapp.tasks.base import Task
from training.data.splits import Row, columns_of

_ROWS_AT_ONCE = 4096


class Epochs(Protocol):
    """Builds the dataset of a range of epochs."""

    def __call__(self, first: int, last: int, skipped: int = 0) -> tf.data.Dataset:
        """Return the batches of the epochs `first` to `last` - 1, without the first `skipped` ones."""


class Plan(Protocol):
    """The indices of each batch of an epoch."""

    def epoch(self, number: int, /) -> Iterator[np.ndarray]:
        """Yield the indices int64 of each batch of epoch `number`."""

    def __len__(self) -> int:
        """Return the number of batches, equal in all epochs."""


@dataclass(frozen=True)
class Batches:
    """Batches of all epochs, and their counts.

    Fields:
        epochs: returns the dataset of some epochs. The content of an epoch depends only on the seed and its
            number.
        steps: batches per epoch.
        tokens: tokens per epoch (for pairs: target tokens), without padding.
        examples: rows per epoch.
        too_long: rows dropped or cut because they exceed the limit.
        passes: times that an epoch passes over the rows.
    """

    epochs: Epochs
    steps: int
    tokens: int
    examples: int
    too_long: int
    passes: int = 1


def dataset_from_plan(
    plan: Plan, batch: Callable[[tf.Tensor, tf.Tensor], Any]
) -> Epochs:
    """Return a function that builds the dataset of a plan for a range of epochs.

    Args:
        plan: the indices of each batch.
        batch: (epoch int64 [], indices int64 [n]) → a batch for `fit`.
    """

    def indices(epoch):
        for rows in plan.epoch(int(epoch)):
            yield int(epoch), rows

    spec = (tf.TensorSpec([], tf.int64), tf.TensorSpec([None], tf.int64))

    def epochs(first: int, last: int, skipped: int = 0) -> tf.data.Dataset:
        return (
            tf.data.Dataset.range(first, last)
            .flat_map(
                lambda epoch: tf.data.Dataset.from_generator(indices, output_signature=spec, args=(epoch,))
            )
            .skip(skipped)
            .map(batch, num_parallel_calls=2, deterministic=True)
            .apply(tf.data.experimental.assert_cardinality(len(plan) * (last - first) - skipped))
            .prefetch(8)
        )

    return epochs


def encoded(task: Task, rows: Sequence[Row]) -> dict[str, Any]:
    """Return `Task.encode` of all rows, computed in chunks."""
    return in_chunks(task, columns_of(rows, [one.name for one in task.features]))


def in_chunks(task: Task, columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return `Task.encode` of columns of equally many texts, computed in chunks."""
    chunks = []
    for start in range(0, len(next(iter(columns.values()))), _ROWS_AT_ONCE):
        part = {name: column[start : start + _ROWS_AT_ONCE] for name, column in columns.items()}
        chunks.append(
            task.encode({name: tf.constant(list(column), tf.string) for name, column in part.items()})
        )
    return {name: tf.concat([chunk[name] for chunk in chunks], axis=0) for name in chunks[0]}


def padded(ids: tf.RaggedTensor, width: int) -> tf.Tensor:
    """Return the ids as dense int32 [B, n · width]."""
    dense = ids.to_tensor(PAD_ID)
    return tf.pad(dense, [[0, 0], [0, -tf.shape(dense)[1] % width]], constant_values=PAD_ID)
