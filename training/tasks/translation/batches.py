"""Batches of sentence pairs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.special_ids import PAD_ID
from seqapp.tasks.translation import TranslationTask
from training.data.batching import BatchPlan
from training.data.pipeline import Batches, dataset_from_plan, encoded, padded
from training.data.splits import Row
from training.tasks.translation.augmentation import CHANGES, AugmentedSources, joined_rows


def pair_batches(task: TranslationTask, rows: Sequence[Row], training: bool) -> Batches:
    """Return batches of pairs; pairs with a side above its limit are dropped.

    Args:
        task: gives the encoding and the settings.
        rows: (source, target).
        training: reshuffle each epoch by the seed of the settings; otherwise keep one order.

    Returns:
        Batches of ``({"source": int32 [B, S], "target": int32 [B, T]}, int32 [B, T], float32 [B, T])``:
        encoder ids, decoder inputs (BOS first), target ids, and the loss mask.

    Raises:
        DataError: no pairs, or none within the limits.
    """
    if not rows:
        raise DataError("expected at least one sentence pair, got none")
    settings, limits = task.config.training, task.config.limits
    columns = encoded(task, rows)
    shares = settings.augmentation
    if training and shares.joined:
        longest = limits.source_ids, settings.max_target_ids
        both = np.stack(list(_lengths(columns).values()), axis=1)
        rows = joined_rows(rows, both, longest, shares.joined, settings.seed)
        columns = encoded(task, rows)
    lengths = _lengths(columns)
    fits = ~columns["source_truncated"].numpy() & (lengths["target"] <= settings.max_target_ids)
    kept = np.flatnonzero(fits).tolist()
    if not kept:
        raise DataError(
            f"all {len(rows)} pairs are longer than the limits of {limits.source_ids} source and "
            f"{settings.max_target_ids} target tokens; split long texts into sentences"
        )
    source, target = (tf.gather(columns[side], kept) for side in ("source", "target"))
    sources = _sources(task, source, [rows[row][0] for row in kept], training)
    plan = BatchPlan(
        lengths["source"][kept],
        lengths["target"][kept],
        settings.batch_tokens,
        settings.bucket_width,
        settings.seed if training else None,
    )

    def batch(epoch, chosen):
        ids = padded(tf.gather(target, chosen), settings.bucket_width)
        inputs = {
            "source": padded(sources(epoch, chosen), settings.bucket_width),
            "target": task.model.shift(ids),
        }
        return inputs, ids, tf.cast(tf.not_equal(ids, PAD_ID), tf.float32)

    return Batches(
        dataset_from_plan(plan, batch),
        len(plan),
        int(lengths["target"][kept].sum()),
        len(kept),
        len(rows) - len(kept),
    )


def _lengths(columns: dict[str, Any]) -> dict[str, np.ndarray]:
    return {side: columns[side].row_lengths().numpy() for side in ("source", "target")}


def _sources(
    task: TranslationTask, plain: tf.RaggedTensor, texts: list[str], training: bool
) -> Callable[[tf.Tensor, tf.Tensor], tf.RaggedTensor]:
    """Return (epoch, row indices) → ragged ids, augmented as set."""
    settings = task.config.training
    if not training or not any(getattr(settings.augmentation, name) for name in CHANGES):
        return lambda epoch, chosen: tf.gather(plain, chosen)

    def encode(changed: tf.Tensor) -> tuple[tf.RaggedTensor, tf.Tensor]:
        columns = task.encode({"source": changed})
        return columns["source"], columns["source_truncated"]

    return AugmentedSources(plain, texts, encode, settings.augmentation, settings.seed)
