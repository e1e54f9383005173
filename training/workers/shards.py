"""The part of each batch that one worker trains on."""

from dataclasses import replace
from typing import Any

import keras
import tensorflow as tf

from training.data.pipeline import Batches


def sharded(batches: Batches, rank: int, size: int) -> Batches:
    """Return batches with the rows `rank`, `rank` + `size`, … of each: as many steps for every worker.

    All random choices are made for the joint batch before it is divided, so they do not depend on the number
    of workers.
    """

    def own(first: int, last: int, skipped: int = 0) -> tf.data.Dataset:
        joint = batches.epochs(first, last, skipped)
        return joint.map(lambda *batch: shard(batch, rank, size)).prefetch(2)

    return replace(batches, epochs=own)


def shard(batch: tuple[Any, ...], rank: int, size: int) -> tuple[Any, Any, tf.Tensor]:
    """Return the rows of a joint batch that belong to a worker.

    A worker that would have none gets the last row with the weight 0.

    Args:
        batch: ``(inputs, targets)`` or ``(inputs, targets, sample weights)``.
        rank: the worker's number.
        size: number of workers.

    Returns:
        Inputs, targets, sample weights (1 where the batch has none).
    """
    inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
    rows = tf.shape(tf.nest.flatten(inputs)[0])[0]
    if weights is None:
        weights = tf.ones([rows])
    own = tf.range(rank, tf.maximum(rows, rank + 1), size)
    chosen = tf.minimum(own, rows - 1)
    inputs, targets, weights = tf.nest.map_structure(
        lambda tensor: tf.gather(tensor, chosen), (inputs, targets, weights)
    )
    return inputs, targets, weights * tf.cast(rank < rows, weights.dtype)
