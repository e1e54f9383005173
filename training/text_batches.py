"""Batches of labelled texts."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.tasks.classification import ClassificationTask
from training.data.batching import BatchPlan
from training.data.pipeline import Batches, encoded, padded, planned


def text_batches(
    task: ClassificationTask, pairs: Sequence[tuple[str, str]], training: bool, weighted: bool = False
) -> Batches:
    """Batches of labelled texts; texts that are too long are cut, as they are when served.

    Args:
        task: gives the encoding and the settings.
        pairs: (text, label).
        training: shuffle anew each epoch, by the seed of the settings; otherwise keep one order.
        weighted: rows count so that every class counts the same.

    Returns:
        Batches of ``(int32 [B, S], float32 [B, C], float32 [B])``: ids, 1.0 at the classes of each row,
        and how much each row counts, 1.0 on average.

    Raises:
        DataError: there is no row, or a label that the task does not know.
    """
    if not pairs:
        raise DataError("pairs: expected at least one labelled text, got none")
    settings = task.config.training
    ids = encoded((text for text, _ in pairs), task.subwords.encode)
    too_long = int((ids.row_lengths().numpy() > settings.max_source_length).sum())
    longest = settings.max_source_length
    ids = tf.concat([ids[:, :-1][:, : longest - 1], ids[:, -1:]], axis=1)
    targets = task.labels.targets([label for _, label in pairs])
    weights = class_weights(targets) if weighted else np.ones(len(targets), np.float32)
    lengths = ids.row_lengths().numpy()
    plan = BatchPlan(
        lengths,
        lengths,
        settings.batch_tokens,
        settings.bucket_width,
        settings.seed if training else None,
    )

    def batch(chosen):
        rows = padded(tf.gather(ids, chosen), settings.bucket_width)
        return rows, tf.gather(targets, chosen), tf.gather(weights, chosen)

    return Batches(planned(plan, batch), len(plan), int(lengths.sum()), len(pairs), too_long)


def class_weights(targets: np.ndarray) -> np.ndarray:
    """float32 [rows]: the same sum of weights for every class, 1.0 on average.

    A row of several classes gets the mean of theirs.

    Args:
        targets: [rows, C], 1 at the classes of each row.
    """
    counts = targets.sum(axis=0)
    of_class = np.where(counts > 0, 1.0 / np.maximum(counts, 1), 0.0)
    rows = (targets * of_class).sum(axis=1) / np.maximum(targets.sum(axis=1), 1)
    return (rows * len(rows) / rows.sum()).astype(np.float32)
