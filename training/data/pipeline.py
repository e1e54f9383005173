"""From rows of text to the batches that `fit` takes: the fixed order of steps.

strings → ids (the task's own encoding, in graph) → too long pairs dropped, too long texts cut, both
counted → buckets of like length, shuffled anew each epoch → padded to a closed set of shapes →
prefetched.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from seqapp.config import PAD_ID
from training.data.batching import BatchPlan

_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Batches:
    """A dataset of batches and what is known about it.

    Fields:
        dataset: what `fit` takes; its elements are those of the function that made it.
        steps: batches of an epoch.
        tokens: ids of an epoch (of pairs: target ids), padding not counted.
        examples: rows of an epoch.
        too_long: rows dropped or cut because they are longer than the settings allow.
    """

    dataset: tf.data.Dataset
    steps: int
    tokens: int
    examples: int
    too_long: int


def planned(plan: BatchPlan, batch: Callable[[tf.Tensor], Any]) -> tf.data.Dataset:
    """The batches of a plan, an epoch after the other.

    Args:
        plan: which rows go together.
        batch: indices int64 [n] → what `fit` takes.
    """
    epochs = iter(range(1_000_000))

    def indices():
        yield from plan.epoch(next(epochs))

    return (
        tf.data.Dataset.from_generator(indices, output_signature=tf.TensorSpec([None], tf.int64))
        .map(batch, num_parallel_calls=2, deterministic=True)
        .apply(tf.data.experimental.assert_cardinality(len(plan)))
        .prefetch(8)
    )


def encoded(texts: Iterable[str], encode: Callable[[tf.Tensor], tf.RaggedTensor]) -> tf.RaggedTensor:
    """Ragged ids of at least one text, encoded in large portions."""
    rows = tf.data.Dataset.from_tensor_slices(tf.constant(list(texts), tf.string)).batch(_ROWS_AT_ONCE)
    return tf.concat(list(rows.map(encode)), axis=0)


def padded(ids: tf.RaggedTensor, width: int) -> tf.Tensor:
    """Dense int32 [B, n · width]."""
    dense = ids.to_tensor(PAD_ID)
    return tf.pad(dense, [[0, 0], [0, -tf.shape(dense)[1] % width]], constant_values=PAD_ID)
