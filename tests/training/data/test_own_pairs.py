import json
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.kept_rows import write_rows
from training.data.own_pairs import load_own_pairs


def test_one_file_is_split_and_nothing_lost(tmp_path: Path) -> None:
    pairs = [(f"source {number}", f"목표 {number}") for number in range(100)]
    write_rows(tmp_path / "d.tsv", pairs)
    splits = load_own_pairs(tmp_path / "d.tsv", seed=3)
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [90, 5, 5]
    assert sorted([*splits.train, *splits.valid, *splits.test]) == sorted(pairs)
    assert splits.report[0] == "d.tsv: 100 rows read, 100 pairs kept"
    assert splits.report[-1] == "  train 90, valid 5, test 5"
    assert splits.provenance["files"] == {"data": "d.tsv"}
    assert splits.provenance["pairs"] == {"train": 90, "valid": 5, "test": 5}
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance


def test_given_files_stay_whole_and_training_loses_what_they_share(tmp_path: Path) -> None:
    write_rows(tmp_path / "d.tsv", [("a", "1"), ("B", "2"), ("c", "3")])
    write_rows(tmp_path / "v.tsv", [("b", "2"), ("x", "4")])
    write_rows(tmp_path / "t.tsv", [("c", "9"), ("x", "5")])
    splits = load_own_pairs(tmp_path / "d.tsv", tmp_path / "v.tsv", tmp_path / "t.tsv")
    assert splits.train == [("a", "1")]
    assert splits.valid == [("b", "2")]
    assert splits.test == [("c", "9"), ("x", "5")]
    assert "  removed from training 2: source is also held out" in splits.report
    assert "  removed from validation 1: source is also held out" in splits.report


def test_a_given_test_file_leaves_validation_to_be_split(tmp_path: Path) -> None:
    write_rows(tmp_path / "d.tsv", [(str(number), "t") for number in range(40)])
    write_rows(tmp_path / "t.tsv", [("7", "t")])
    splits = load_own_pairs(tmp_path / "d.tsv", test=tmp_path / "t.tsv")
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [37, 2, 1]


def test_nothing_left_to_train_on(tmp_path: Path) -> None:
    write_rows(tmp_path / "d.tsv", [("a", "1")])
    with pytest.raises(DataError, match=r"d\.tsv: all sources.*omit --valid and --test"):
        load_own_pairs(tmp_path / "d.tsv", tmp_path / "d.tsv")


def test_validation_that_is_all_in_the_test_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "d.tsv", [("a", "1"), ("b", "1")])
    write_rows(tmp_path / "v.tsv", [("x", "1")])
    with pytest.raises(DataError, match=r"v\.tsv: all sources are also in the test file.*omit --valid"):
        load_own_pairs(tmp_path / "d.tsv", tmp_path / "v.tsv", tmp_path / "v.tsv")
