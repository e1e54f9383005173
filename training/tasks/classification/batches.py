"""Batches of labelled texts."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.tasks.classification import ClassificationTask
from training.data.batching import BatchPlan
from training.data.pipeline import Batches, dataset_from_plan, encoded, padded
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row
from training.tasks.classification.stored_batches import stored_text_batches


def text_batches(task: ClassificationTask, rows: Sequence[Row], training: bool) -> Batches:
    """Return batches of texts, cut as in serving.

    Args:
        task: gives the encoding, the labels and the settings.
        rows: (text, label).
        training: reshuffle each epoch by the seed of the settings, and apply ``class_weights``; otherwise
            keep one order.

    Returns:
        Batches of ``(int32 [B, S], float32 [B, C], float32 [B])``: ids, multi-hot targets, and sample
        weights with mean 1.0.

    Raises:
        DataError: no rows, or a label that is not one of the task.
    """
    if not rows:
        raise DataError("expected at least one labelled text, got none")
    if isinstance(rows, StoredRows):
        return stored_text_batches(task, rows)
    settings = task.config.training
    columns = encoded(task, rows)
    ids, targets = columns["ids"], columns["targets"]
    weights = np.ones(len(rows), np.float32)
    if training and settings.class_weights:
        weights = class_weights(targets.numpy())
    lengths = ids.row_lengths().numpy()
    plan = BatchPlan(
        lengths,
        lengths,
        settings.batch_tokens,
        settings.bucket_width,
        settings.seed if training else None,
    )

    def batch(epoch, chosen):
        padded_ids = padded(tf.gather(ids, chosen), settings.bucket_width)
        return padded_ids, tf.gather(targets, chosen), tf.gather(weights, chosen)

    too_long = int(columns["truncated"].numpy().sum())
    return Batches(dataset_from_plan(plan, batch), len(plan), int(lengths.sum()), len(rows), too_long)


def class_weights(targets: np.ndarray) -> np.ndarray:
    """Return sample weights float32 [rows], inversely proportional to class frequency, with mean 1.0.

    A row with several classes gets the mean of their weights.

    Args:
        targets: multi-hot [rows, C].
    """
    counts = targets.sum(axis=0)
    of_class = np.where(counts > 0, 1.0 / np.maximum(counts, 1), 0.0)
    rows = (targets * of_class).sum(axis=1) / np.maximum(targets.sum(axis=1), 1)
    return (rows * len(rows) / rows.sum()).astype(np.float32)
