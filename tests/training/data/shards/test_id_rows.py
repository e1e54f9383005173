import numpy as np
import tensorflow as tf

from training.data.shards.id_rows import IdRows

ROWS = IdRows.of(tf.ragged.constant([[1, 2, 3], [], [4], [5, 6]]))


def lists(rows: IdRows) -> list[list[int]]:
    pairs = zip(rows.starts, rows.lengths, strict=True)
    return [rows.values[start : start + length].tolist() for start, length in pairs]


def test_rows_of_a_ragged_tensor() -> None:
    assert lists(ROWS) == [[1, 2, 3], [], [4], [5, 6]]
    assert len(ROWS) == 4
    assert lists(ROWS[1:3]) == [[], [4]]
    assert lists(IdRows.joined([ROWS[2:], ROWS[:1]])) == [[4], [5, 6], [1, 2, 3]]
    assert lists(IdRows.joined([])) == []


def test_rows_by_index_and_padding() -> None:
    assert lists(ROWS.take(np.asarray([3, 1, 3]))) == [[5, 6], [], [5, 6]]
    assert lists(ROWS.take(np.asarray([], np.int64))) == []
    assert ROWS.padded(np.asarray([3, 0]), 2).tolist() == [[5, 6, 0, 0], [1, 2, 3, 0]]
    assert ROWS.padded(np.asarray([1]), 4).shape == (1, 0)
