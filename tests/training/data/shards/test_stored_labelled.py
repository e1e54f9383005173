import io
from pathlib import Path

import pytest
from rich.console import Console

from seqapp.errors import DataError
from training.data.data_reader import ReadOptions
from training.data.kept_rows import write_rows
from training.data.own_files import OwnFiles
from training.data.row_files import row_files
from training.data.shards import row_partitions
from training.data.shards.storage import Storage
from training.data.shards.stored_labelled import store_own_labelled
from training.data.splits import Splits

ROWS = [(f"text {number}", "good" if number % 3 else "bad") for number in range(200)]


def write_table(path: Path, rows: list[tuple[str, str]]) -> None:
    write_rows(path, [("text", "label"), *rows])


def stored(folder: Path, **options) -> Splits:
    storage = Storage(folder / "cache", Console(file=io.StringIO()))
    given = [row_files(folder / options.pop(part)) if part in options else None for part in ("valid", "test")]
    columns = ReadOptions({"text": None, "label": None}, separator=options.pop("separator", ""))
    files = OwnFiles(row_files(folder / "d.tsv"), *given, clean=options.pop("clean", False))
    return store_own_labelled(files, columns, storage, **options)


def test_texts_are_held_out_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_partitions, "PARTITION_BYTES", 500)
    write_table(tmp_path / "d.tsv", ROWS)
    splits = stored(tmp_path)
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [160, 20, 20]
    assert sorted([*splits.train, *splits.valid, *splits.test]) == sorted(ROWS)
    labels = splits.provenance["labels"]
    assert {name: sum(count.values()) for name, count in labels.items()} == {"good": 133, "bad": 67}
    assert labels["good"]["train"] == sum(label == "good" for _, label in splits.train)
    assert splits.train.values == {name: labels[name]["train"] for name in ("bad", "good")}
    assert splits.report[0] == "d.tsv: 200 rows read, 200 texts kept"
    assert splits.report[-1].startswith("  2 labels in training: good ")


def test_a_label_of_held_out_rows_only_stays_in_training(tmp_path: Path) -> None:
    rows = [(f"text {number}", f"a|label {number}") for number in range(40)]
    write_table(tmp_path / "d.tsv", rows)
    with pytest.raises(DataError, match="no validation texts are left"):
        stored(tmp_path, separator="|")
    write_table(tmp_path / "d.tsv", [*rows, *ROWS])
    splits = stored(tmp_path, separator="|")
    assert len({label for _, cell in splits.train for label in cell.split("|")}) == 43
    assert not any("|" in label for _, label in (*splits.valid, *splits.test))


def test_given_labels_must_occur_in_training(tmp_path: Path) -> None:
    write_table(tmp_path / "d.tsv", ROWS)
    write_table(tmp_path / "v.tsv", [("other", "god"), ("text 1", "good"), ("text", "bad")])
    with pytest.raises(DataError, match=r"v\.tsv: 1 of 3 valid rows have labels .* 'god'"):
        stored(tmp_path, valid="v.tsv")
    write_table(tmp_path / "d.tsv", [(text, "good") for text, _ in ROWS])
    with pytest.raises(DataError, match=r"d\.tsv: all .* texts have the label 'good'"):
        stored(tmp_path)


def test_copies_are_left_out(tmp_path: Path) -> None:
    write_table(tmp_path / "d.tsv", [*ROWS, *[("text 1", "good")] * 12])
    splits = stored(tmp_path, clean=True)
    assert splits.provenance["cleaned"] == {"more than 10 copies of one text": 3}
