"""Shards: ids of rows in TFRecord files of `tf.train.Example` messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import tensorflow as tf

from training.data.shards.id_rows import IdRows

_ROWS = 1024  # per record
_LENGTHS = "_lengths"


def write_shard(path: Path, columns: Mapping[str, IdRows]) -> None:
    """Write columns of ids, of equally many rows.

    A record holds up to 1,024 rows: per column an int64 list ``NAME`` with the ids of all rows, one after
    another, and a list ``NAME_lengths`` with the number of ids of each row.
    """
    rows = len(next(iter(columns.values())))
    with tf.io.TFRecordWriter(str(path)) as file:
        for begin in range(0, rows, _ROWS):
            features = {}
            for name, column in columns.items():
                part = column[begin : begin + _ROWS]
                features[name] = _ints(part.values.tolist())
                features[name + _LENGTHS] = _ints(part.lengths.tolist())
            example = tf.train.Example(features=tf.train.Features(feature=features))
            file.write(example.SerializeToString())


def read_shard(path: Path, names: Iterable[str]) -> dict[str, IdRows]:
    """Return columns of a file written by `write_shard`."""
    features = {
        name: tf.io.RaggedFeature(
            tf.int64, name, [tf.io.RaggedFeature.RowLengths(name + _LENGTHS)], row_splits_dtype=tf.int64
        )
        for name in names
    }
    records = list(
        tf.data.TFRecordDataset(str(path)).map(lambda record: tf.io.parse_single_example(record, features))
    )
    return {name: IdRows.joined([_rows(record[name]) for record in records]) for name in features}


def _ints(values: list[int]) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def _rows(ragged: tf.RaggedTensor) -> IdRows:
    return IdRows.of(ragged)
