"""From rows of text to the batches that `fit` takes: the fixed order of steps.

strings → ids (the task's own encoding, in graph) → too long rows dropped or cut, both counted → buckets
of like length, shuffled anew each epoch → padded to a closed set of shapes → prefetched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from seqapp.special_ids import PAD_ID
from seqapp.tasks.base import Task
from training.data.batching import BatchPlan
from training.data.splits import Row, columns_of

_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Batches:
    """Batches of every epoch and what is known about them.

    Fields:
        epochs: (first epoch, epoch after the last) → their batches, one epoch after the other. What an
            epoch holds depends on the seed and its number only.
        steps: batches per epoch.
        tokens: ids per epoch (of pairs: target ids), padding not counted.
        examples: rows per epoch.
        too_long: rows dropped or cut because they are longer than the settings allow.
    """

    epochs: Callable[[int, int], tf.data.Dataset]
    steps: int
    tokens: int
    examples: int
    too_long: int


def dataset_from_plan(
    plan: BatchPlan, batch: Callable[[tf.Tensor, tf.Tensor], Any]
) -> Callable[[int, int], tf.data.Dataset]:
    """The batches of a plan.

    Args:
        plan: which rows go together.
        batch: (epoch int64 [], indices int64 [n]) → what `fit` takes.
    """

    def indices(epoch):
        for rows in plan.epoch(int(epoch)):
            yield int(epoch), rows

    spec = (tf.TensorSpec([], tf.int64), tf.TensorSpec([None], tf.int64))

    def epochs(first: int, last: int) -> tf.data.Dataset:
        return (
            tf.data.Dataset.range(first, last)
            .flat_map(
                lambda epoch: tf.data.Dataset.from_generator(indices, output_signature=spec, args=(epoch,))
            )
            .map(batch, num_parallel_calls=2, deterministic=True)
            .apply(tf.data.experimental.assert_cardinality(len(plan) * (last - first)))
            .prefetch(8)
        )

    return epochs


def encoded(task: Task, rows: Sequence[Row]) -> dict[str, Any]:
    """What `Task.encode` gives for all rows, encoded in large portions."""
    portions = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        columns = columns_of(rows[start : start + _ROWS_AT_ONCE], [one.name for one in task.features])
        portions.append(
            task.encode({name: tf.constant(list(column), tf.string) for name, column in columns.items()})
        )
    return {name: tf.concat([portion[name] for portion in portions], axis=0) for name in portions[0]}


def padded(ids: tf.RaggedTensor, width: int) -> tf.Tensor:
    """Dense int32 [B, n · width]."""
    dense = ids.to_tensor(PAD_ID)
    return tf.pad(dense, [[0, 0], [0, -tf.shape(dense)[1] % width]], constant_values=PAD_ID)
