"""Batches of texts for language models."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from seqapp.errors import DataError
from seqapp.tasks.base import Task
from seqapp.tasks.language_model_ids import training_batch
from seqapp.tasks.masked_language_modelling import MaskedLanguageModellingTask
from training.data.batch_seed import batch_seed
from training.data.batching import BatchPlan
from training.data.pipeline import Batches, dataset_from_plan, encoded, padded
from training.data.splits import Row

# (ids int32 [B, T], epoch int64 [], index of the first row int64 []) → a batch for `fit`.
BatchOfIds = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], Any]


def text_batches(task: Task, rows: Sequence[Row], training: bool) -> Batches:
    """Return batches of texts whose next tokens are predicted, cut as in serving.

    Args:
        task: gives the encoding and the settings.
        rows: ``(text,)``.
        training: reshuffle each epoch by the seed of the settings; otherwise keep one order.

    Returns:
        Batches of ``(int32 [B, T], int32 [B, T], float32 [B, T])``, see `training_batch`.

    Raises:
        DataError: no rows.
    """
    return _batches(task, rows, training, lambda ids, epoch, first: training_batch(ids))


def masked_text_batches(task: MaskedLanguageModellingTask, rows: Sequence[Row], training: bool) -> Batches:
    """Return batches of texts with masked words, drawn anew in each epoch by the seed of the settings.

    Args: same as `text_batches`.

    Returns:
        Batches of `MaskedLanguageModellingTask.masked_batch`.

    Raises:
        DataError: no rows.
    """
    seed = task.config.training.seed

    def masked(ids: tf.Tensor, epoch: tf.Tensor, first: tf.Tensor) -> Any:
        return task.masked_batch(ids, batch_seed(seed, epoch, first))

    return _batches(task, rows, training, masked)


def _batches(task: Task, rows: Sequence[Row], training: bool, batch_of: BatchOfIds) -> Batches:
    if not rows:
        raise DataError("expected at least one text, got none")
    settings = task.config.training
    columns = encoded(task, rows)
    ids = columns["ids"]
    lengths = ids.row_lengths().numpy()
    seed = settings.seed if training else None
    plan = BatchPlan(lengths, lengths, settings.batch_tokens, settings.bucket_width, seed)

    def batch(epoch, chosen):
        return batch_of(padded(tf.gather(ids, chosen), settings.bucket_width), epoch, chosen[0])

    too_long = int(columns["truncated"].numpy().sum())
    return Batches(dataset_from_plan(plan, batch), len(plan), int(lengths.sum()), len(rows), too_long)
