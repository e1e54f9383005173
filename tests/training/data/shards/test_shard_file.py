from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from training.data.shards import shard_file
from training.data.shards.id_rows import IdRows
from training.data.shards.shard_file import read_shard, write_shard


def test_columns_are_read_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_file, "_ROWS", 2)
    columns = {
        "source": IdRows.of(tf.ragged.constant([[1, 2], [3], [70_000, 4, 5]])),
        "upper_case": IdRows(np.asarray([9], np.int32), np.asarray([0, 1, 0], np.int32)),
    }
    write_shard(tmp_path / "a.tfrecord", columns)
    found = read_shard(tmp_path / "a.tfrecord", columns)
    for name, column in columns.items():
        assert found[name].values.tolist() == column.values.tolist()
        assert found[name].lengths.tolist() == column.lengths.tolist()
    records = [record.numpy() for record in tf.data.TFRecordDataset(str(tmp_path / "a.tfrecord"))]
    first = tf.train.Example.FromString(records[0]).features.feature
    assert len(records) == 2
    assert list(first["source"].int64_list.value) == [1, 2, 3]
    assert list(first["source_lengths"].int64_list.value) == [2, 1]


def test_no_rows(tmp_path: Path) -> None:
    write_shard(tmp_path / "a.tfrecord", {"source": IdRows.joined([])})
    assert len(read_shard(tmp_path / "a.tfrecord", ["source"])["source"]) == 0


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file or directory"):
        write_shard(tmp_path / "missing" / "a.tfrecord", {"source": IdRows.joined([])})
