import gzip
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.kept_rows import write_rows
from training.data.pairs_file import read_pairs

PAIRS = [("Save the file.", "파일을 저장합니다."), ("Hello", "안녕 👋")]


FORM = "  delimiter: tab; quotes are part of the text; source from column 1, target from column 2"


def test_how_a_file_was_read_is_said(tmp_path: Path) -> None:
    write_rows(tmp_path / "pairs.tsv", PAIRS)
    pairs, report = read_pairs(tmp_path / "pairs.tsv")
    assert pairs == PAIRS
    assert report.lines() == ["pairs.tsv: 2 rows read, 2 pairs kept", FORM]


def test_skips_and_counts_by_reason(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_bytes("\ufeffa\t가\r\n\nb\n\t나\nc\t \na\t가\nd\t라\textra\te\n \t \ne\t마".encode())
    pairs, report = read_pairs(file)
    assert pairs == [("a", "가"), ("d", "라"), ("e", "마")]
    assert (report.read, report.kept) == (9, 3)
    assert report.skipped == {
        "empty line": 2,
        "missing second column (no tab)": 1,
        "empty source": 1,
        "empty target": 1,
        "repeated pair": 1,
    }
    assert report.lines()[-1] == "  note: 1 row has more than two columns; only the first two are used"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.tsv", "source\ttarget\na\t가\nb\t나\n"),
        ("p.tsv", "id\tTarget\tSource\n1\t가\ta\n2\t나\tb\textra\n"),
        ("p.csv", 'source,target\n"a",가\nb,"나"\n'),
        ("p.csv", "a,가\nb,나\n"),
        ("p.csv", "a;가\nb;나\n"),
        ("p.csv", "a\t가\nb\t나\n"),
        ("p.txt", "source|target\na|가\nb|나\n"),
    ],
)
def test_names_and_delimiters_are_found_out(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert read_pairs(tmp_path / name)[0] == [("a", "가"), ("b", "나")]


def test_columns_by_name(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("ko\tsource\ten\n가\tx\ta\n", encoding="utf-8")
    pairs, report = read_pairs(tmp_path / "p.tsv", "en", "ko")
    assert pairs == [("a", "가")]
    assert report.form.endswith("source from 'en', target from 'ko'")


def test_pairs_as_pandas_quotes_them(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text(
        'source\ttarget\n"He said ""yes"",\nthen left."\t"그가 ""네"" 했다."\nplain\t"a\tb"\n',
        encoding="utf-8",
    )
    pairs, report = read_pairs(tmp_path / "p.tsv")
    assert pairs == [('He said "yes", then left.', '그가 "네" 했다.'), ("plain", "a b")]
    assert "double quotes enclose fields" in report.form


def test_a_list_of_sentences_is_not_taken_for_pairs(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("Hello, world.\nYes, please.\nNo, thanks.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no usable row among 3 \(3 missing second column \(no tab\)\)"):
        read_pairs(tmp_path / "p.txt")


def test_gzip_is_known_by_its_content_too(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_bytes(gzip.compress("a\t가\n".encode()))
    assert read_pairs(tmp_path / "pairs.tsv")[0] == [("a", "가")]


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write_rows(tmp_path / "pairs.tsv", PAIRS)
    with pytest.raises(DataError, match=r"pair\.tsv: no such file; did you mean .*pairs\.tsv\?"):
        read_pairs(tmp_path / "pair.tsv")
    with pytest.raises(DataError, match="no such file; expected a file with one pair per line"):
        read_pairs(tmp_path / "no/where/zzz.csv")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a directory; expected a file with one pair per line"):
        read_pairs(tmp_path)


def test_wrong_encoding_names_line_byte_and_conversion(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_bytes(b"a\tb\nhi\t" + "가".encode("cp949") + b"\n")
    with pytest.raises(
        DataError, match=r"line 2 is not UTF-8: byte 0xb0 at position 4 .*iconv -f CP949 -t UTF-8 < \S+pairs"
    ):
        read_pairs(file)
    packed = tmp_path / "packed.tsv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    with pytest.raises(
        DataError, match=r"gzip -dc \S*packed\.tsv\.gz \| iconv -f CP949 -t UTF-8 > converted-packed\.tsv$"
    ):
        read_pairs(packed)


@pytest.mark.parametrize(
    "content",
    [
        b"not gzip at all\t\n",
        gzip.compress(b"a\tb\n" * 9999)[:60],
        gzip.compress(b"a\tb\n")[:10] + b"\xff" * 30,
    ],
    ids=["plain", "cut off", "damaged"],
)
def test_broken_gzip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p.tsv.gz").write_bytes(content)
    with pytest.raises(DataError, match=r"incomplete or damaged gzip file .*gzip -t \S*p\.tsv\.gz"):
        read_pairs(tmp_path / "p.tsv.gz")


def test_no_usable_row_counts_the_reasons(tmp_path: Path) -> None:
    file = tmp_path / "p.tsv"
    file.write_text("a b\nc d\n\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"no usable row among 3 \(2 missing second column \(no tab\), 1 empty line\); "
    ):
        read_pairs(file)
    file.write_text("")
    with pytest.raises(DataError, match=r"the file is empty; expected .*Save the file\.<TAB>파일을"):
        read_pairs(file)
