import gzip
import json
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.data_reader import ReadOptions, read_data
from training.data.labelled_file import LABELLED
from training.data.pairs_file import PAIRS
from training.data.row_files import RowFiles
from training.data.row_kind import Languages
from training.data.row_stream import RowStream

TMX = (
    '<tmx version="1.4"><body><tu><tuv xml:lang="en"><seg>Save</seg></tuv><tuv xml:lang="ko"><seg>저장</seg>'
    '</tuv></tu><tu><tuv xml:lang="en"><seg>Only English</seg></tuv></tu></body></tmx>'
)
FILES = {
    "a.tsv": "source\ttarget\tnote\nSave\t저장\tx\nOpen\t\tx\nCut\t자르기\tx\n",
    "plain.tsv": "Save\t저장\nCut\t자르기\n",
    "quoted.csv": 'source,target\n"Save ""it""","여러\n줄"\nCut,"자르기, 다"\n',
    "a.jsonl": "".join(json.dumps({"en": en, "ko": ko}) + "\n" for en, ko in (("Save", "저장"), ("Cut", 3))),
    "a.json": json.dumps([{"source": "Save", "target": "저장"}]),
    "a.tmx": TMX,
}
OPTIONS = ReadOptions(languages=Languages("en", "ko"))


def files(*paths: Path) -> RowFiles:
    return RowFiles(tuple(map(DataFile, paths)))


@pytest.mark.parametrize("name", FILES)
def test_rows_and_report_are_those_of_the_reader_in_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    rows, report = read_data(path, PAIRS, OPTIONS)
    stream = RowStream(files(path), PAIRS, OPTIONS)
    assert list(stream) == list(stream) == rows
    assert stream.report.lines() == report.lines()
    assert stream.report.examples == report.examples
    assert not stream.report.numbers
    assert stream.share == 1.0
    reading = iter(stream)
    next(reading)
    assert 0 < stream.share <= 1
    assert RowStream(files(path), PAIRS, OPTIONS).share == 0.0


def test_several_files_and_rows_left_out(tmp_path: Path) -> None:
    (tmp_path / "1.tsv").write_text("Save\t저장\nCut\t자르기\n", encoding="utf-8")
    (tmp_path / "2.tsv.gz").write_bytes(gzip.compress("Open\t열기\n".encode()))
    (tmp_path / "3.tsv").touch()
    stream = RowStream(
        files(*sorted(tmp_path.iterdir())),
        PAIRS,
        OPTIONS,
        "pairs",
        lambda row: "short" if row[0] == "Cut" else "",
    )
    assert list(stream) == [("Save", "저장"), ("Open", "열기")]
    assert stream.report.lines()[0] == "3 files: 3 rows read, 2 pairs kept"
    assert str(stream.report.examples["short"]) == "1.tsv, line 2: 'Cut\\t자르기'"


def test_parallel_files_and_directories_of_labels(tmp_path: Path) -> None:
    for name, text in {"a.en": "Save\n\nCut\n", "a.ko": "저장\n빈\n자르기\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    pairs = RowFiles((DataFile(tmp_path / "a.en"),), DataFile(tmp_path / "a.ko"))
    assert list(RowStream(pairs, PAIRS, OPTIONS)) == [("Save", "저장"), ("Cut", "자르기")]
    for label in ("good", "bad"):
        (tmp_path / "texts" / label).mkdir(parents=True)
        (tmp_path / "texts" / label / "1.txt").write_text(f"a {label} film\n", encoding="utf-8")
    stream = RowStream(files(tmp_path / "texts"), LABELLED, ReadOptions())
    assert sorted(stream) == [("a bad film", "bad"), ("a good film", "good")]
    assert stream.report.kept == 2


def test_the_format_is_detected_from_the_first_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.data.row_stream.SAMPLE", 4)
    path = tmp_path / "a.csv"
    # The fourth line begins a record that ends in the fifth.
    path.write_text('source,target\na,"1, 2"\n"b ""x""",2\n"c\nd",3\n"e""f",4\n', encoding="utf-8")
    rows = [("a", "1, 2"), ('b "x"', "2"), ("c d", "3"), ('e"f', "4")]
    assert list(RowStream(files(path), PAIRS, OPTIONS)) == rows
    with path.open("a", encoding="utf-8") as file:
        file.write('"open,5\n')
    with pytest.raises(DataError, match=r"a\.csv: line 7 or the row that ends there is not CSV"):
        list(RowStream(files(path), PAIRS, OPTIONS))


def test_no_usable_row(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("source\ttarget\na\t\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.tsv: no usable row among 1 \(1 empty target\)"):
        list(RowStream(files(path), PAIRS, OPTIONS))
