"""Batches of the segments of documents for language models."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from seqapp.errors import DataError
from seqapp.special_ids import BOS_ID, PAD_ID
from seqapp.tasks.documents import document_ids
from seqapp.tasks.language_modelling import LanguageModellingTask
from training.data.pipeline import Batches, dataset_from_plan, padded
from training.data.splits import Row
from training.tasks.language_modelling.segment_plan import SegmentPlan


def document_batches(task: LanguageModellingTask, rows: Sequence[Row], training: bool) -> Batches:
    """Return batches of segments in the order of `SegmentPlan`, for `CarriedState`.

    Args:
        task: gives tokens and settings.
        rows: ``(text,)``, a document each.
        training: reshuffle each epoch by the seed of the settings; otherwise keep one order.

    Returns:
        Batches of inputs ``ids`` int32 [B, T] (first the token before the segment, BOS in the first one),
        ``lengths`` int32 [B], ``begins`` and ``ends`` bool [B] (a document begins, or ends, with the
        segment); targets int32 [B, T]; sample weights float32 [B, T], 0 at padding.

    Raises:
        DataError: no rows.
    """
    if not rows:
        raise DataError("expected at least one document, got none")
    settings, longest = task.config.training, task.config.limits.text_tokens
    documents = document_ids(task.subwords, [text for (text,) in rows])
    lengths = np.array(list(map(len, documents)))
    seed = settings.seed if training else None
    plan = SegmentPlan(lengths, longest, settings.batch_tokens, settings.bucket_width, seed)
    segments, before = _segments(documents, longest)
    begins, ends = _borders(plan)

    def batch(epoch, chosen):
        ids = tf.gather(segments, chosen)
        targets = padded(ids, settings.bucket_width)
        first = tf.gather(before, chosen)[:, tf.newaxis]
        inputs = {
            "ids": tf.concat([first, targets[:, :-1]], axis=1),
            "lengths": tf.cast(ids.row_lengths(), tf.int32),
            "begins": tf.gather(begins, chosen),
            "ends": tf.gather(ends, chosen),
        }
        return inputs, targets, tf.cast(tf.not_equal(targets, PAD_ID), tf.float32)

    return Batches(dataset_from_plan(plan, batch), len(plan), int(lengths.sum()), len(rows), 0)


def _segments(documents: Sequence[np.ndarray], longest: int) -> tuple[tf.RaggedTensor, tf.Tensor]:
    """Return all segments, and the token before each."""
    values = np.concatenate(documents)
    # Places in their documents, then in all values.
    places = [np.arange(0, len(one), longest) for one in documents]
    offsets = np.cumsum([0, *map(len, documents[:-1])])
    starts = np.concatenate([place + offset for place, offset in zip(places, offsets, strict=True)])
    before = np.where(np.concatenate(places) == 0, BOS_ID, values[starts - 1]).astype(np.int32)
    splits = np.append(starts, len(values)).astype(np.int64)
    return tf.RaggedTensor.from_row_splits(values, splits), tf.constant(before)


def _borders(plan: SegmentPlan) -> tuple[tf.Tensor, tf.Tensor]:
    """Return bool [segments] whether each segment is the first, and whether it is the last of a document."""
    begins, ends = np.zeros([2, plan.segments.sum()], bool)
    begins[plan.first] = True
    ends[plan.first + plan.segments - 1] = True
    return tf.constant(begins), tf.constant(ends)
