"""Batches of sentence pairs."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from seqapp.config import PAD_ID
from seqapp.errors import DataError
from seqapp.tasks.translation import TranslationTask
from training.data.batching import BatchPlan
from training.data.pipeline import Batches, encoded, padded, planned


def pair_batches(task: TranslationTask, pairs: Sequence[tuple[str, str]], training: bool) -> Batches:
    """Batches of `pairs`; pairs with a side that is too long are dropped.

    Args:
        task: gives the encoding and the settings.
        pairs: (source, target).
        training: shuffle anew each epoch, by the seed of the settings; otherwise keep one order.

    Returns:
        Batches of ``({"source": int32 [B, S], "target": int32 [B, T]}, int32 [B, T], float32 [B, T])``:
        encoder ids, decoder inputs (BOS first), wanted ids, and 1.0 where a wanted id counts.

    Raises:
        DataError: no pair is left.
    """
    if not pairs:
        raise DataError("pairs: expected at least one pair of sentences, got none")
    settings = task.config.training
    source, target = (encoded((pair[i] for pair in pairs), task.subwords.encode) for i in (0, 1))
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

    def batch(chosen):
        wanted = padded(tf.gather(target, chosen), settings.bucket_width)
        inputs = {
            "source": padded(tf.gather(source, chosen), settings.bucket_width),
            "target": task.model.shift(wanted),
        }
        return inputs, wanted, tf.cast(tf.not_equal(wanted, PAD_ID), tf.float32)

    return Batches(
        planned(plan, batch),
        len(plan),
        int(target_lengths[kept].sum()),
        len(kept),
        len(pairs) - len(kept),
    )
