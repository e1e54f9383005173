import io
import sys
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.own_files import OwnFiles
from training.data.own_texts import load_own_texts, read_texts
from training.data.row_files import files_of


def put(path, content):
    path.write_text(content, encoding="utf-8")
    return files_of([path], "--data")


def test_plain_text_tables_and_json(tmp_path):
    for name, content in (
        ("a.txt", "Open.\nOpen.\n"),
        ("a.csv", "id,text\n1,Open.\n2,Open.\n"),
        ("a.jsonl", '{"text": "Open."}\n{"text": "Open."}\n'),
    ):
        rows, report = read_texts(put(tmp_path / name, content))
        assert rows == [("Open.",), ("Open.",)]
        assert (report.kept, report.result) == (2, "texts")


def test_the_column_of_a_table_can_be_named(tmp_path):
    files = put(tmp_path / "a.csv", "text,body\nTitle,Open.\n")
    assert read_texts(files, "body")[0] == [("Open.",)]


def test_plain_text_has_no_column(tmp_path):
    with pytest.raises(DataError, match=r"a\.txt: --text-column 'body' needs a table .* got plain text;"):
        read_texts(put(tmp_path / "a.txt", "Open.\n"), "body")


def test_equal_texts_stay_in_one_part(tmp_path):
    lines = [f"Text {number % 40}." for number in range(80)]
    splits = load_own_texts(OwnFiles(put(tmp_path / "a.txt", "\n".join(lines))))
    parts = [set(part) for part in (splits.train, splits.valid, splits.test)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 40
    assert splits.provenance["texts"] == {"train": 72, "valid": 4, "test": 4}


def test_held_out_texts_are_removed_from_the_other_parts(tmp_path):
    data = put(tmp_path / "a.txt", "One.\nTWO.\nThree.\nOne.\n")
    valid, test = put(tmp_path / "v.txt", "two.\nFour.\n"), put(tmp_path / "t.txt", "Four.\nthree.\n")
    splits = load_own_texts(OwnFiles(data, valid, test))
    assert splits.train == [("One.",), ("One.",)]
    assert (splits.valid, splits.test) == ([("two.",)], [("Four.",), ("three.",)])
    assert "  removed from training 2: text is also held out" in splits.report
    assert "  removed from validation 1: text is also held out" in splits.report
    with pytest.raises(DataError, match=r"v\.txt: all texts are also in the test file"):
        load_own_texts(OwnFiles(data, valid, files_of([tmp_path / "v.txt"], "--test")))


def test_too_few_texts(tmp_path):
    data = put(tmp_path / "a.txt", "One.\nTwo.\none.\n")
    with pytest.raises(DataError, match=r"2 distinct texts are left for training; at least 3 are needed"):
        load_own_texts(OwnFiles(data))


def test_clean_leaves_out_empty_texts_and_many_copies(tmp_path):
    """Of 13 equal texts 10 stay; what is invisible is no text. Validation and test stay complete."""
    data = put(tmp_path / "a.txt", "Open.\n" * 13 + "\u200b\nSave.\n")
    valid, test = put(tmp_path / "v.txt", "Close.\n" * 12), put(tmp_path / "t.txt", "Print.\n")
    splits = load_own_texts(OwnFiles(data, valid, test, clean=True))
    assert splits.train == [("Open.",)] * 10 + [("Save.",)]
    assert (len(splits.valid), len(splits.test)) == (12, 1)
    cleaned = splits.provenance["cleaned"]
    assert sorted(cleaned.values()) == [1, 3]
    assert "more than 10 copies of one text" in cleaned
    assert "cleaned" not in load_own_texts(OwnFiles(data, valid, test)).provenance


def test_texts_of_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Open.\n\n저장\n".encode())))
    rows, report = read_texts(files_of([Path("-")], "--data"))
    assert rows == [("Open.",), ("저장",)]
    assert dict(report.skipped) == {"empty line": 1}
