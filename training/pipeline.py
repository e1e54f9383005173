"""From sentence pairs to the batches that `fit` takes: the fixed order of steps.

strings → ids (the task's own encoding, in graph) → too long pairs dropped and counted → buckets of
like length, shuffled anew each epoch → padded to a closed set of shapes → weights → prefetched.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from seqapp.config import PAD_ID
from seqapp.errors import DataError
from seqapp.tasks.translation import TranslationTask
from training.batching import BatchPlan

_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Batches:
    """A dataset of batches and what is known about it.

    Fields:
        dataset: ``({"source": int32 [B, S], "target": int32 [B, T]}, int32 [B, T], float32 [B, T])``:
            encoder ids, decoder inputs (BOS first), wanted ids, and 1.0 where a wanted id counts.
        steps: batches of an epoch.
        tokens: target ids of an epoch, padding not counted.
        examples: pairs of an epoch.
        too_long: pairs dropped because a side is longer than the settings allow.
    """

    dataset: tf.data.Dataset
    steps: int
    tokens: int
    examples: int
    too_long: int


def make_batches(task: TranslationTask, pairs: Sequence[tuple[str, str]], training: bool) -> Batches:
    """Batches of `pairs`.

    Args:
        task: gives the encoding and the settings.
        pairs: (source, target).
        training: shuffle anew each epoch, by the seed of the settings; otherwise keep one order.

    Raises:
        DataError: no pair is left.
    """
    settings = task.config.training
    source, target = _encode(task, pairs)
    source_lengths, target_lengths = source.row_lengths().numpy(), target.row_lengths().numpy()
    fits = (source_lengths <= settings.max_source_length) & (target_lengths <= settings.max_target_length)
    kept = np.flatnonzero(fits)
    if not len(kept):
        raise DataError(
            f"pairs: expected some with at most {settings.max_source_length} source and "
            f"{settings.max_target_length} target ids, got {len(pairs)} pairs and none so short"
        )
    source, target = tf.gather(source, kept), tf.gather(target, kept)
    plan = BatchPlan(
        source_lengths[kept],
        target_lengths[kept],
        settings.batch_tokens,
        settings.bucket_width,
        settings.seed if training else None,
    )
    epochs = iter(range(1_000_000))

    def indices():
        yield from plan.epoch(next(epochs))

    def batch(chosen):
        wanted = _pad(tf.gather(target, chosen), settings.bucket_width)
        inputs = {
            "source": _pad(tf.gather(source, chosen), settings.bucket_width),
            "target": task.model.shift(wanted),
        }
        return inputs, wanted, tf.cast(tf.not_equal(wanted, PAD_ID), tf.float32)

    dataset = (
        tf.data.Dataset.from_generator(indices, output_signature=tf.TensorSpec([None], tf.int64))
        .map(batch, num_parallel_calls=2, deterministic=True)
        .apply(tf.data.experimental.assert_cardinality(len(plan)))
        .prefetch(8)
    )
    return Batches(dataset, len(plan), int(target_lengths[kept].sum()), len(kept), len(pairs) - len(kept))


def _encode(
    task: TranslationTask, pairs: Sequence[tuple[str, str]]
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    columns = tuple(tf.constant([pair[i] for pair in pairs], tf.string) for i in (0, 1))
    rows = tf.data.Dataset.from_tensor_slices(columns).batch(_ROWS_AT_ONCE).map(task.encode_pairs)
    parts = list(rows)
    if not parts:
        raise DataError("pairs: expected at least one pair of sentences, got none")
    return tf.concat([part[0] for part in parts], axis=0), tf.concat([part[1] for part in parts], axis=0)


def _pad(ids: tf.RaggedTensor, width: int) -> tf.Tensor:
    """Dense int32 [B, n · width]."""
    dense = ids.to_tensor(PAD_ID)
    return tf.pad(dense, [[0, 0], [0, -tf.shape(dense)[1] % width]], constant_values=PAD_ID)
