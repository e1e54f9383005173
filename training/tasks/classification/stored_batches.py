"""Training batches of labelled texts that are stored on disk."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.tasks.classification import ClassificationTask
from training.data.pipeline import Batches, in_chunks
from training.data.shards.encoding import EncodedRows, Shards, encoded_shards
from training.data.shards.id_rows import IdRows
from training.data.shards.shard_batches import Batcher, Columns, ShardPlan, dataset_from_shards
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row


def stored_text_batches(task: ClassificationTask, rows: StoredRows) -> Batches:
    """Return training batches as `text_batches` does, of texts on disk, which are encoded once."""
    settings = task.config.training
    shards = encoded_shards(rows, _dependencies(task), lambda part, _: encode_texts(task, part))
    plan = ShardPlan(shards, "ids", "ids", settings.batch_tokens, settings.bucket_width, settings.seed)
    weights = _class_weights(shards, len(task.labels)) if settings.class_weights else None
    signature = (
        tf.TensorSpec([None, None], tf.int32),
        tf.TensorSpec([None, len(task.labels)], tf.float32),
        tf.TensorSpec([None], tf.float32),
    )

    def finished(epoch, first, ids, targets, weights):
        return ids, targets, weights

    return Batches(
        dataset_from_shards(plan, _batcher(task, weights), signature, finished),
        len(plan),
        shards.tokens,
        shards.examples,
        shards.too_long,
    )


def encode_texts(task: ClassificationTask, rows: list[Row]) -> EncodedRows:
    """Encode texts, cut as in serving, and their label ids."""
    if not rows:
        return EncodedRows(dict.fromkeys(("ids", "labels"), IdRows.joined([])), "ids", 0)
    found = in_chunks(task, {"text": [row[0] for row in rows]})
    labels = [task.labels.ids(row[1]) for row in rows]
    lengths = np.asarray([len(ids) for ids in labels], np.int32)
    values = np.asarray([label for ids in labels for label in ids], np.int32)
    columns = {"ids": IdRows.of(found["ids"]), "labels": IdRows(values, lengths)}
    return EncodedRows(columns, "ids", int(found["truncated"].numpy().sum()))


def _batcher(task: ClassificationTask, weights: np.ndarray | None) -> Batcher:
    width = task.config.training.bucket_width

    def batcher(columns: Columns, number: int, epoch: int) -> Callable[[np.ndarray], Any]:
        def of_batch(chosen: np.ndarray) -> Any:
            targets = _multi_hot(columns["labels"].take(chosen), len(task.labels))
            of_rows = np.ones(len(chosen), np.float32) if weights is None else _row_weights(targets, weights)
            return columns["ids"].padded(chosen, width), targets, of_rows

        return of_batch

    return batcher


def _multi_hot(labels: IdRows, classes: int) -> np.ndarray:
    targets = np.zeros((len(labels), classes), np.float32)
    targets[np.repeat(np.arange(len(labels)), labels.lengths), labels.values] = 1.0
    return targets


def _row_weights(targets: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Return float32 [rows]: the mean of the weights of the classes of a row."""
    return (targets @ of_class / np.maximum(targets.sum(axis=1), 1)).astype(np.float32)


def _class_weights(shards: Shards, classes: int) -> np.ndarray:
    """Return a weight per class, inversely proportional to its frequency, such that rows have mean 1.0."""
    parts = [shards.read(number, ["labels"])["labels"] for number in range(len(shards.lengths))]
    counts = sum(np.bincount(part.values, minlength=classes) for part in parts)
    of_class = np.where(counts > 0, 1.0 / np.maximum(counts, 1), 0.0)
    # In slices: a multi-hot row has a value per class.
    total = sum(
        _row_weights(_multi_hot(part[begin : begin + 1024], classes), of_class).sum(dtype=np.float64)
        for part in parts
        for begin in range(0, len(part), 1024)
    )
    return of_class * shards.examples / total


def _dependencies(task: ClassificationTask) -> Any:
    """Return everything that the ids depend on besides the rows."""
    return [
        hashlib.sha256(task.subwords.model).hexdigest(),
        task.labels.names,
        task.labels.separator,
        task.config.limits.model_dump(mode="json"),
    ]
