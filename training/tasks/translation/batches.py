"""Batches of sentence pairs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.special_ids import PAD_ID
from seqapp.tasks.translation import TranslationTask
from training.data.batch_seed import batch_seed
from training.data.batching import BatchPlan
from training.data.pipeline import Batches, dataset_from_plan, encoded, padded
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row
from training.tasks.translation.augmentation import CHANGES, AugmentedSources, joined_rows
from training.tasks.translation.pair_limits import none_within_limits, tokens_per_batch
from training.tasks.translation.stored_batches import stored_pair_batches
from training.tasks.translation.subword_sampling import SampledSegmentation
from training.tasks.translation.token_dropout import with_dropped_tokens

IdsOfRows = Callable[[tf.Tensor, tf.Tensor], tf.RaggedTensor]  # (epoch, row indices) → ids
# Numbers of the random choices for a batch; 0 is the augmentation of sources.
_SOURCE_SAMPLING, _TARGET_SAMPLING = 1, 2


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
    if isinstance(rows, StoredRows):
        return stored_pair_batches(task, rows)
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
        raise none_within_limits(task, len(rows))
    source, target = (tf.gather(columns[side], kept) for side in ("source", "target"))
    ids_of = (
        _source_ids(task, source, [rows[row][0] for row in kept], training),
        _target_ids(task, target, training),
    )
    plan = BatchPlan(
        lengths["source"][kept],
        lengths["target"][kept],
        tokens_per_batch(settings) if training else settings.batch_tokens,
        settings.bucket_width,
        settings.seed if training else None,
    )

    def batch(epoch, chosen):
        source, target = (padded(ids(epoch, chosen), settings.bucket_width) for ids in ids_of)
        inputs = {"source": source, "target": task.model.shift(target)}
        if training and settings.token_dropout:
            inputs = with_dropped_tokens(inputs, settings, epoch, chosen[0])
        return inputs, target, tf.cast(tf.not_equal(target, PAD_ID), tf.float32)

    return Batches(
        dataset_from_plan(plan, batch),
        len(plan),
        int(lengths["target"][kept].sum()),
        len(kept),
        len(rows) - len(kept),
    )


def _lengths(columns: dict[str, Any]) -> dict[str, np.ndarray]:
    return {side: columns[side].row_lengths().numpy() for side in ("source", "target")}


def _source_ids(task: TranslationTask, plain: tf.RaggedTensor, texts: list[str], training: bool) -> IdsOfRows:
    """Return the function of the source ids, augmented and with sampled subwords as set."""
    settings = task.config.training
    if not training or not any(getattr(settings.augmentation, name) for name in CHANGES):
        return _sampled(task, plain, _unchanged, task.config.limits.source_ids, training, _SOURCE_SAMPLING)

    def encode(changed: tf.Tensor) -> tuple[tf.RaggedTensor, tf.Tensor]:
        columns = task.encode({"source": changed})
        return columns["source"], columns["source_truncated"]

    sources = AugmentedSources(plain, texts, encode, settings.augmentation, settings.seed)
    longest = task.config.limits.source_ids
    return _sampled(task, sources.pool, sources.variants, longest, training, _SOURCE_SAMPLING)


def _target_ids(task: TranslationTask, plain: tf.RaggedTensor, training: bool) -> IdsOfRows:
    longest = task.config.training.max_target_ids
    return _sampled(task, plain, _unchanged, longest, training, _TARGET_SAMPLING)


def _sampled(
    task: TranslationTask,
    pool: tf.RaggedTensor,
    rows_of: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    longest: int,
    training: bool,
    stream: int,
) -> IdsOfRows:
    """Return the function of the ids of `pool` in the rows that `rows_of` chooses."""
    settings = task.config.training
    if not training or not settings.subword_sampling:
        return lambda epoch, chosen: tf.gather(pool, rows_of(epoch, chosen))
    segmentation = SampledSegmentation(pool, task.subwords.model, settings.subword_sampling, longest)

    def ids(epoch: tf.Tensor, chosen: tf.Tensor) -> tf.RaggedTensor:
        seed = batch_seed(settings.seed, epoch, chosen[0], stream)
        return segmentation(rows_of(epoch, chosen), seed)

    return ids


def _unchanged(epoch: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
    return chosen
