from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.labelled_file import read_labelled
from training.data.pairs_file import read_pairs


def put(folder: Path, **files: bytes | str) -> Path:
    """Files by label and name: ``pos__1_txt``."""
    for key, content in files.items():
        path = folder.joinpath(*key.replace("_txt", ".txt").replace("_json", ".json").split("__"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_a_file_is_a_text_and_its_directory_the_label(tmp_path: Path) -> None:
    put(tmp_path / "films", 긍정__2_txt="좋은\n영화\n", 긍정__10_txt="재미있다", neg__a="Boring.\r\nVery.")
    rows, report = read_labelled(tmp_path / "films")
    assert rows == [("Boring. Very.", "neg"), ("재미있다", "긍정"), ("좋은 영화", "긍정")]
    assert report.lines() == [
        "films/: 3 files read, 3 texts kept",
        "  one directory per label: 'neg', '긍정'",
    ]


def test_what_is_no_text_file_is_counted_with_the_reason(tmp_path: Path) -> None:
    put(
        tmp_path / "d",
        README_txt="all films",
        a__1_txt="fine",
        a__2_json="{}",
        a__3_txt=" \n",
        a__4_txt="글".encode("cp949"),
        a__5_txt=b"\0\1\0\2" * 9,
        a__deep__6_txt="deep",
        b__7_txt="글".encode("utf-16"),
    )
    rows, report = read_labelled(tmp_path / "d")
    assert rows == [("fine", "a"), ("글", "b")]
    assert report.read == 8
    assert report.skipped == {
        "outside of the directories of labels": 1,
        "not a .txt file": 1,
        "empty text": 1,
        "not UTF-8 but perhaps CP949": 1,
        "binary": 1,
        "directory inside the directory of a label": 1,
    }
    assert str(report.examples["not a .txt file"]) == "d/: 'a/2.json'"


def test_directories_without_labels_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "flat", **{"1_txt": "a"})
    with pytest.raises(DataError, match="flat: has no directories inside; expected one directory per label"):
        read_labelled(tmp_path / "flat")
    put(tmp_path / "none", a__1_json="{}")
    with pytest.raises(DataError, match=r"none: no text among 1 files \(1 not a \.txt file\); expected"):
        read_labelled(tmp_path / "none")
    put(tmp_path / "parts", train__pos__1_txt="a", test__pos__1_txt="b")
    with pytest.raises(DataError, match=r"has parts instead of labels: .*--data \S+/train --test \S+/test"):
        read_labelled(tmp_path / "parts")
    with pytest.raises(DataError, match=r"flat: is a directory; .* pattern: '\S+flat/\*\.tsv'"):
        read_pairs(tmp_path / "flat")
