"""Batches of texts for language models."""

from collections.abc import Sequence

import tensorflow as tf

from seqapp.errors import DataError
from seqapp.tasks.language_modelling import LanguageModellingTask, training_batch
from training.data.batching import BatchPlan
from training.data.pipeline import Batches, dataset_from_plan, encoded, padded
from training.data.splits import Row


def text_batches(task: LanguageModellingTask, rows: Sequence[Row], training: bool) -> Batches:
    """Return batches of texts, cut as in serving.

    Args:
        task: gives the encoding and the settings.
        rows: ``(text,)``.
        training: reshuffle each epoch by the seed of the settings; otherwise keep one order.

    Returns:
        Batches of ``(int32 [B, T], int32 [B, T], float32 [B, T])``, see `training_batch`.

    Raises:
        DataError: no rows.
    """
    if not rows:
        raise DataError("expected at least one text, got none")
    settings = task.config.training
    columns = encoded(task, rows)
    ids = columns["ids"]
    lengths = ids.row_lengths().numpy()
    seed = settings.seed if training else None
    plan = BatchPlan(lengths, lengths, settings.batch_tokens, settings.bucket_width, seed)

    def batch(epoch, chosen):
        return training_batch(padded(tf.gather(ids, chosen), settings.bucket_width))

    too_long = int(columns["truncated"].numpy().sum())
    return Batches(dataset_from_plan(plan, batch), len(plan), int(lengths.sum()), len(rows), too_long)
