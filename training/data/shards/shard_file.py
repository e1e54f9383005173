"""Shards: ids of rows in TFRecord files of `tf.train.Example` messages."""

from __future__ import annotations

import errno
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

    Raises:
        OSError: the file cannot be written.
    """
    rows = len(next(iter(columns.values())))
    try:
        with tf.io.TFRecordWriter(str(path)) as file:
            for begin in range(0, rows, _ROWS):
                parts = {name: column[begin : begin + _ROWS] for name, column in columns.items()}
                file.write(_record(parts))
    except tf.errors.OpError as error:
        raise OSError(errno.EIO, error.message) from error


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
    return {name: IdRows.joined([IdRows.of(record[name]) for record in records]) for name in features}


def _record(columns: Mapping[str, IdRows]) -> bytes:
    features = {}
    for name, column in columns.items():
        features[name] = _ints(column.values.tolist())
        features[name + _LENGTHS] = _ints(column.lengths.tolist())
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _ints(values: list[int]) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
