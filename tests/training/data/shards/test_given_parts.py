from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.kept_rows import write_rows
from training.data.own_files import OwnFiles
from training.data.pairs_file import read_pairs
from training.data.row_files import RowFiles, row_files
from training.data.shards.given_parts import GivenParts, held_out_shares, read_given, require_filled


@pytest.fixture
def data(tmp_path: Path) -> RowFiles:
    return row_files(tmp_path / "d.tsv")


def test_only_given_files_are_read(tmp_path: Path, data: RowFiles) -> None:
    write_rows(tmp_path / "t.tsv", [("Save", "저장"), ("File", "파일")])
    given = read_given(OwnFiles(data, test=row_files(tmp_path / "t.tsv")), read_pairs)
    assert (given.valid, given.test) == ([], [("Save", "저장"), ("File", "파일")])
    assert given.lines[0] == "t.tsv: 2 rows read, 2 pairs kept"
    assert given.withheld == {"save", "file"}
    assert read_given(OwnFiles(data), read_pairs) == GivenParts([], [], [])


def test_nothing_is_held_out_for_a_part_with_a_file(data: RowFiles) -> None:
    assert held_out_shares(OwnFiles(data), 0.1) == (0.1, 0.1)
    assert held_out_shares(OwnFiles(data, test=data), 0.1) == (0.0, 0.1)
    assert held_out_shares(OwnFiles(data, valid=data), 0.1) == (0.1, 0.0)


def test_a_part_without_rows_is_refused(data: RowFiles) -> None:
    require_filled(data, {"training": [("a", "b")]}, "texts")
    said = r"d\.tsv: no test texts are left beside those held out; give more texts, or other --valid"
    with pytest.raises(DataError, match=said):
        require_filled(data, {"training": [("a", "b")], "test": []}, "texts")
