import io
from pathlib import Path

import numpy as np
import pytest

from seqapp.errors import DataError
from tests.support.stored import stored_rows
from training.data.shards.encoding import EncodedRows, encoded_shards
from training.data.shards.id_rows import IdRows
from training.data.splits import Row

ROWS = [("a", "1 2"), ("b", "3"), ("c", "4 5"), ("d", "6 7")]


def encode(rows: list[Row], number: int) -> EncodedRows:
    lengths = np.asarray([len(row[1].split()) for row in rows], np.int32)
    values = np.asarray([int(one) for row in rows for one in row[1].split()], np.int32)
    return EncodedRows({"ids": IdRows(values, lengths)}, "ids", too_long=number)


def test_shards_and_their_counts(tmp_path: Path) -> None:
    rows = stored_rows(tmp_path / "rows", ROWS, parts=2)
    shards = encoded_shards(rows, "settings", encode)
    assert shards.lengths == [{2: 2}, {1: 1, 2: 1}]
    assert (shards.examples, shards.tokens, shards.too_long) == (4, 7, 1)
    assert shards.read(0)["ids"].values.tolist() == [1, 2, 4, 5]
    assert shards.read(1, ["ids"])["ids"].values.tolist() == [3, 6, 7]
    # Not encoded again.
    assert encoded_shards(rows, "settings", lambda *_: pytest.fail("encoded again")) == shards
    assert encoded_shards(rows, "other settings", encode).directory != shards.directory
    out = rows.storage.console.file
    assert isinstance(out, io.StringIO)
    said = out.getvalue().splitlines()
    assert said[0].startswith("encoding: 4 rows in ")
    assert said[1] == f"rows encoded before are used: {shards.directory}"


def test_nothing_stays_after_an_error(tmp_path: Path) -> None:
    def fails(rows: list[Row], number: int) -> EncodedRows:
        if number:
            raise OSError(28, "No space left on device")
        return encode(rows, number)

    rows = stored_rows(tmp_path / "rows", ROWS, parts=2)
    with pytest.raises(DataError, match=r"--cache .*cache: No space left on device; nothing is kept"):
        encoded_shards(rows, "settings", fails)
    assert list((tmp_path / "cache" / "shards").iterdir()) == []


def test_two_trainings_that_encode_at_once(tmp_path: Path) -> None:
    rows = stored_rows(tmp_path / "rows", ROWS, parts=1)

    def late(part: list[Row], number: int) -> EncodedRows:
        encoded_shards(rows, "settings", encode)
        return encode(part, number)

    assert encoded_shards(rows, "settings", late).examples == 4
    assert len(list((tmp_path / "cache" / "shards").iterdir())) == 1
