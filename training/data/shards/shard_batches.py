"""Batches from shards: shards and rows shuffled anew in each epoch, bucketed by length.

One shard at a time is in memory and divided into batches by `BatchPlan`, as all rows are where they fit into
memory: the same buckets, batch sizes and padded shapes. The number of batches of a shard follows from the
lengths of its rows, so it is equal in all epochs, and batches are skipped without reading the shards before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from training.data.batching import BatchPlan
from training.data.pipeline import Epochs
from training.data.shards.encoding import Shards
from training.data.shards.id_rows import IdRows

Columns = dict[str, IdRows]
Arrays = tuple[np.ndarray, ...]
# (columns of a shard, its number, epoch) → (indices of a batch → its arrays)
Batcher = Callable[[Columns, int, int], Callable[[np.ndarray], Arrays]]


class ShardPlan:
    """The batches of shards.

    Args:
        shards: ids of the rows.
        sorted_by: column by whose lengths the rows of a bucket are sorted.
        bucketed_by: column whose lengths decide the bucket, that of `Shards.lengths`.
        batch_tokens, width, seed: see `BatchPlan`.
    """

    def __init__(
        self, shards: Shards, sorted_by: str, bucketed_by: str, batch_tokens: int, width: int, seed: int
    ) -> None:
        self.shards, self.sorted_by, self.bucketed_by = shards, sorted_by, bucketed_by
        self.batch_tokens, self.width, self.seed = batch_tokens, width, seed
        self.steps = [self._steps(number) for number in range(len(shards.lengths))]

    def __len__(self) -> int:
        return sum(self.steps)

    def batches(self, first: int, last: int, skipped: int) -> Iterator[tuple[int, int, Columns, np.ndarray]]:
        """Yield epoch, shard, columns of the shard and row indices of each batch, without `skipped` ones."""
        for epoch in range(first, last):
            order = np.random.default_rng((self.seed, epoch)).permutation(len(self.steps)).tolist()
            for number in order:
                if skipped >= self.steps[number]:
                    skipped -= self.steps[number]
                    continue
                columns = self.shards.read(number)
                plan = self._plan(columns[self.sorted_by].lengths, columns[self.bucketed_by].lengths)
                chosen = list(plan.epoch(epoch * len(order) + number))
                for rows in chosen[skipped:]:
                    yield epoch, number, columns, rows
                skipped = 0

    def _plan(self, sort: np.ndarray, bucket: np.ndarray) -> BatchPlan:
        return BatchPlan(sort, bucket, self.batch_tokens, self.width, self.seed)

    def _steps(self, number: int) -> int:
        counts = self.shards.lengths[number]
        lengths = np.repeat(list(counts), list(counts.values())).astype(np.int64)
        return len(self._plan(lengths, lengths))


def dataset_from_shards(
    plan: ShardPlan,
    batcher: Batcher,
    signature: tuple[tf.TensorSpec, ...],
    finished: Callable[..., Any],
) -> Epochs:
    """Return a function that builds the dataset of a plan for a range of epochs.

    Args:
        plan: the batches.
        batcher: prepares a shard, and returns the function that gives the arrays of a batch.
        signature: of those arrays.
        finished: (epoch int64 [], place of the batch int64 [], arrays …) → a batch for `fit`.
    """

    def arrays(first: int, last: int, skipped: int) -> Iterator[Any]:
        prepared: tuple[int, int] | None = None
        for epoch, number, columns, rows in plan.batches(int(first), int(last), int(skipped)):
            if prepared != (epoch, number):
                prepared, of_batch = (epoch, number), batcher(columns, number, epoch)
            yield epoch, number << 32 | int(rows[0]), *of_batch(rows)

    spec = (tf.TensorSpec([], tf.int64), tf.TensorSpec([], tf.int64), *signature)

    def epochs(first: int, last: int, skipped: int = 0) -> tf.data.Dataset:
        found = tf.data.Dataset.from_generator(arrays, output_signature=spec, args=(first, last, skipped))
        cardinality = len(plan) * (last - first) - skipped
        return (
            found.map(finished, num_parallel_calls=2, deterministic=True)
            .apply(tf.data.experimental.assert_cardinality(cardinality))
            .prefetch(8)
        )

    return epochs
