import gzip
import io
import sys
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.labelled_file import read_labelled
from training.data.pairs_file import read_pairs
from training.data.row_files import files_of
from training.data.row_kind import Languages


def put(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_several_files_are_one_data_set(tmp_path: Path) -> None:
    put(tmp_path / "1.tsv", "a\t가\nb\t\nc\t다\n")
    put(tmp_path / "2.tsv", "a\t가\nd\t라\n")
    put(tmp_path / "3.jsonl", '{"source": "e", "target": "마"}\n')
    put(tmp_path / "4.tsv", "")
    pairs, report = read_pairs(files_of([tmp_path / "*"], "--data"))
    assert pairs == [("a", "가"), ("c", "다"), ("d", "라"), ("e", "마")]
    assert report.lines() == [
        "4 files: 6 rows read, 4 pairs kept",
        "  delimiter: tab; quotes are part of the text; source from column 1, target from column 2 (2 files)",
        "  JSON lines; source from 'source', target from 'target' (1 file)",
        "  skipped 1: empty target",
        "  skipped 1: repeated pair",
        "  note: files without a usable row, 1 of 4: '4.tsv'",
    ]
    assert str(report.examples["empty target"]) == r"1.tsv, line 2: 'b\t'"
    assert str(report.examples["repeated pair"]) == r"2.tsv, line 1: 'a\t가'"
    with pytest.raises(DataError, match=r"4\.tsv: the file is empty"):
        read_pairs(files_of([tmp_path / "4.tsv"], "--data"))


def test_tables_that_look_like_other_formats(tmp_path: Path) -> None:
    content = '{0} of {1}\t{1}개 중 {0}\n[{"a"}]\t나\n{"a": 1}\t다\n'
    assert read_pairs(put(tmp_path / "p.tsv", content))[0][0] == ("{0} of {1}", "{1}개 중 {0}")
    assert read_pairs(put(tmp_path / "q.tsv", '{"a": 1}\t다\n[OK]\t[확인]\n'))[0][1] == ("[OK]", "[확인]")


def test_columns_may_be_named_after_the_languages(tmp_path: Path) -> None:
    path = put(tmp_path / "p.tsv", "ko\tid\tEN\n가\t1\ta\n")
    assert read_pairs(path, languages=Languages("en", "ko"))[0] == [("a", "가")]
    assert read_pairs(path, languages=Languages("ko", "en"))[0] == [("가", "a")]


def typed(monkeypatch: pytest.MonkeyPatch, content: bytes, terminal: bool = False) -> None:
    stream = io.TextIOWrapper(io.BytesIO(content))
    stream.isatty = lambda: terminal  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", stream)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input(pack, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, pack("text\tlabel\n좋다\t긍정\n".encode()))
    rows, report = read_labelled("-")
    assert rows == [("좋다", "긍정")]
    assert report.lines()[0] == "standard input: 1 rows read, 1 texts kept"


def test_standard_input_without_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, b"")
    with pytest.raises(DataError, match="--data -: standard input is empty; expected rows"):
        read_pairs("-")
    typed(monkeypatch, b"", terminal=True)
    with pytest.raises(DataError, match=r"standard input is a term.* zcat pairs\.tsv\.gz \| seqapp fit"):
        read_pairs("-")
    typed(monkeypatch, "a\t가나\n".encode("cp949"))
    with pytest.raises(DataError, match=r"^standard input: line 1 is .* … \| iconv -f CP949 -t UTF-8 \| …"):
        read_pairs("-")
