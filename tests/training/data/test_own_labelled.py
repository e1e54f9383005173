import json
from collections import Counter
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.own_labelled import load_own_labelled
from training.data.splits import Pair


def put(path: Path, rows: list[Pair]) -> Path:
    path.write_text("text\tlabel\n" + "".join(f"{text}\t{label}\n" for text, label in rows), encoding="utf-8")
    return path


def test_one_file_is_split_by_label_and_nothing_lost(tmp_path: Path) -> None:
    rows = [(f"글 {number}", "😀 좋음" if number % 4 else "0") for number in range(200)]
    splits = load_own_labelled(put(tmp_path / "d.tsv", rows), seed=3)
    assert [Counter(label for _, label in part) for part in (splits.train, splits.valid, splits.test)] == [
        {"😀 좋음": 120, "0": 40},
        {"😀 좋음": 15, "0": 5},
        {"😀 좋음": 15, "0": 5},
    ]
    assert sorted([*splits.train, *splits.valid, *splits.test]) == sorted(rows)
    assert splits.report == [
        "d.tsv: 200 rows read, 200 texts kept",
        "  delimiter: tab; quotes are part of the text; text from 'text', label from 'label'",
        "  train 160, valid 20, test 20",
        "  2 labels in training: 😀 좋음 120, 0 40; imbalance 3.0 to 1",
    ]
    assert splits.provenance["files"] == {"data": "d.tsv"}
    assert splits.provenance["labels"]["0"] == {"train": 40, "valid": 5, "test": 5}
    assert json.loads(json.dumps(splits.provenance)) == splits.provenance
    assert load_own_labelled(tmp_path / "d.tsv", seed=4).test != splits.test


def test_the_same_text_stays_in_one_part_repeats_and_contradictions_are_counted(tmp_path: Path) -> None:
    rows = [(f"text {number // 2}", str(number % 2)) for number in range(100)]
    rows += [(f"TEXT  {number}", "1") for number in range(50)]
    splits = load_own_labelled(put(tmp_path / "d.tsv", rows))
    keys = [
        {" ".join(text.lower().split()) for text, _ in part}
        for part in (splits.train, splits.valid, splits.test)
    ]
    assert sum(map(len, keys)) == len(set().union(*keys)) == 50
    assert splits.provenance["duplicates"] == len(keys[0])
    assert splits.provenance["contradictory"] == 50
    assert splits.provenance["contradictory_rows"] == 150
    assert "  contradictory 50 texts (150 rows): same text with different labels, kept" in splits.report


def test_about_two_thousand_are_held_out_of_many(tmp_path: Path) -> None:
    rows = [(str(number), str(number % 2)) for number in range(40_000)]
    splits = load_own_labelled(put(tmp_path / "d.tsv", rows))
    assert [len(splits.valid), len(splits.test)] == [2000, 2000]


def test_given_files_stay_whole_and_training_loses_what_they_share(tmp_path: Path) -> None:
    data = put(tmp_path / "d.tsv", [("a", "1"), ("B", "0"), ("c", "0"), ("d", "0")])
    valid = put(tmp_path / "v.tsv", [("b", "0"), ("x", "1")])
    test = put(tmp_path / "t.tsv", [("c", "1"), ("x", "0")])
    splits = load_own_labelled(data, valid, test)
    assert splits.train == [("a", "1"), ("d", "0")]
    assert splits.valid == [("b", "0")]
    assert splits.test == [("c", "1"), ("x", "0")]
    assert "  removed from training 2: text is also held out" in splits.report
    assert "  removed from validation 1: text is also held out" in splits.report
    assert splits.provenance["files"] == {"data": "d.tsv", "valid": "v.tsv", "test": "t.tsv"}


def test_columns_are_named_for_all_files(tmp_path: Path) -> None:
    for name in ("d", "t"):
        rows = "".join(f"{name} {number},{number % 2},{number}\n" for number in range(20))
        (tmp_path / f"{name}.csv").write_text("review,stars,id\n" + rows)
    splits = load_own_labelled(
        tmp_path / "d.csv", test=tmp_path / "t.csv", text_column="review", label_column="stars"
    )
    assert [len(splits.train), len(splits.valid), len(splits.test)] == [18, 2, 20]


def test_several_labels_a_row(tmp_path: Path) -> None:
    rows = [(f"t{n}", "all | rare" if n < 10 else "all") for n in range(100)]
    splits = load_own_labelled(put(tmp_path / "d.tsv", rows), separator="|")
    assert Counter(label for _, label in splits.test) == {"all": 9, "all | rare": 1}
    assert splits.provenance["labels"]["all"]["train"] == 80


def test_one_label_only(tmp_path: Path) -> None:
    rows = [(str(number), "same") for number in range(9)]
    with pytest.raises(DataError, match=r"d\.tsv: all 9 texts have the label 'same'; expected two .*--label"):
        load_own_labelled(put(tmp_path / "d.tsv", rows))


def test_a_label_that_training_never_saw(tmp_path: Path) -> None:
    data = put(tmp_path / "d.tsv", [(str(number), "ab"[number % 2]) for number in range(20)])
    test = put(tmp_path / "t.tsv", [("x", "a"), ("y", "c"), ("z", "c"), ("w", "b|d"), ("v", "a|b")])
    with pytest.raises(
        DataError,
        match=r"t\.tsv: 3 of 5 test rows have .* training: 'c', 'd'; expected .* such as 'a', 'b'\.",
    ):
        load_own_labelled(data, test=test, separator="|")
    many = put(tmp_path / "v.tsv", [(f"t{n}", f"new {n:02}") for n in range(12)])
    with pytest.raises(DataError, match=r"v\.tsv: 12 of 12 valid rows .*: 'new 00', .*'new 11'; expected"):
        load_own_labelled(data, many)


def test_nothing_left(tmp_path: Path) -> None:
    data = put(tmp_path / "d.tsv", [("a", "1"), ("b", "0")])
    with pytest.raises(DataError, match="no training texts are left"):
        load_own_labelled(data, test=data)
    with pytest.raises(DataError, match="2 distinct texts are too few to hold some out"):
        load_own_labelled(data)
    other = put(tmp_path / "o.tsv", [("x", "1")])
    with pytest.raises(DataError, match=r"o\.tsv: all texts are also in the test file; give another"):
        load_own_labelled(data, other, other)
