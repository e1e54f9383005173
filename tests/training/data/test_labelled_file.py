import csv
import gzip
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.labelled_file import read_labelled


def put(path: Path, content: str) -> Path:
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


THREE = 'id\tdocument\tlabel\n1\t좋아요\t1\n2\t싫어요 " \t 0 \n'


@pytest.mark.parametrize("name", ["r.tsv", "r.txt", "r.tsv.gz", "r.dat"])
def test_named_columns_of_a_tab_separated_file(tmp_path: Path, name: str) -> None:
    rows, report = read_labelled(put(tmp_path / name, THREE), "document", "label")
    assert rows == [("좋아요", "1"), ('싫어요 "', "0")]
    assert report.lines() == [
        f"{name}: 2 rows read, 2 texts kept",
        "  delimiter: tab; quotes are part of the text; text from 'document', label from 'label'",
    ]


@pytest.mark.parametrize("name", ["r.csv", "r.CSV", "r.csv.gz"])
def test_quoted_fields_of_a_comma_separated_file(tmp_path: Path, name: str) -> None:
    content = '\ufeffLabel,Text\r\n"so, so","He said ""yes"",\r\nthen left"\r\n😀 가 나,a\tb\r\n'
    rows, report = read_labelled(put(tmp_path / name, content))
    assert rows == [('He said "yes", then left', "so, so"), ("a b", "😀 가 나")]
    assert (report.read, report.kept) == (2, 2)


@pytest.mark.parametrize(
    ("header", "text", "label", "expected"),
    [
        ("LABEL\tother\tText", None, None, ("c", "a")),
        ("id\tlabel\treview", "review", None, ("c", "b")),
        ("x\tTEXT\tstars", None, "stars", ("b", "c")),
        ("Id\tReview\tStars", " review", "STARS", ("b", "c")),
        ("a\tA\tlabel", "A", None, ("b", "c")),
    ],
)
def test_which_columns_are_used(
    tmp_path: Path, header: str, text: str | None, label: str | None, expected: tuple[str, str]
) -> None:
    assert read_labelled(put(tmp_path / "r.tsv", f"{header}\na\tb\tc\n"), text, label)[0] == [expected]


@pytest.mark.parametrize(
    ("content", "rows", "numbered"),
    [
        ("review\tstars\ngood\t1\nbad\t0\n", [("good", "1"), ("bad", "0")], False),
        ("good\t1\nbad\t0\nfine\t1\n", [("good", "1"), ("bad", "0"), ("fine", "1")], True),
        ("label\ttext\n1\tgood\n1\tlabel\n", [("good", "1"), ("label", "1")], False),
    ],
    ids=["first line names", "first line is a row", "text and label in the other order"],
)
def test_two_columns(tmp_path: Path, content: str, rows: list[tuple[str, str]], numbered: bool) -> None:
    found, report = read_labelled(put(tmp_path / "r.tsv", content))
    assert found == rows
    assert (report.read, report.kept, "from column" in report.form) == (len(rows), len(rows), numbered)


def test_one_named_column_of_two(tmp_path: Path) -> None:
    path = put(tmp_path / "r.tsv", "stars\treview\n1\tgood\n1\tfine\n")
    assert read_labelled(path, "review")[0] == [("good", "1"), ("fine", "1")]
    assert read_labelled(path, label_column="stars")[0] == [("good", "1"), ("fine", "1")]


def test_what_is_skipped_is_counted_and_repeats_are_not(tmp_path: Path) -> None:
    content = "text\tlabel\n \t1\ngood\t \n\ngood\t1\ngood\t1\na\tb\tc\nalone\n"
    rows, report = read_labelled(put(tmp_path / "r.tsv", content))
    assert rows == [("good", "1"), ("good", "1")]
    assert report.read == 7
    assert report.skipped == {
        "empty text": 1,
        "empty label": 1,
        "empty line": 1,
        "number of columns differs from the first line": 2,
    }


def test_several_labels_stay_one_string_and_none_is_empty(tmp_path: Path) -> None:
    rows, report = read_labelled(put(tmp_path / "r.tsv", "text\tlabel\na\tx | y\nb\t | \n"), separator="|")
    assert rows == [("a", "x | y")]
    assert report.skipped == {"empty label": 1}


def test_unknown_column_lists_those_there_are(tmp_path: Path) -> None:
    path = put(tmp_path / "r.tsv", THREE)
    with pytest.raises(
        DataError,
        match=r"--text-column 'documnt': .*one of 'id', 'document', 'label'; did you mean 'document'\?",
    ):
        read_labelled(path, "documnt", "label")
    with pytest.raises(DataError, match=r"--label-column '제목': .*one of 'id', 'document', 'label'\.$"):
        read_labelled(path, "document", "제목")
    with pytest.raises(DataError, match="--text-column and --label-column are both 'label'"):
        read_labelled(path, "label", "label")


def test_no_telling_which_column(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"which the label: columns are 'id', 'document', 'label'. Use --text-column and"
    ):
        read_labelled(put(tmp_path / "r.tsv", THREE))
    with pytest.raises(DataError, match=r"is the text: columns are 'id', 'document', 'label'"):
        read_labelled(tmp_path / "r.tsv", label_column="label")
    with pytest.raises(DataError, match=r"columns are 'text/label'.*Only one column was .*comma, semi"):
        read_labelled(put(tmp_path / "s.csv", "text/label\na/b\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text\tlabel\n\t1\n \t0\n", r"no usable row among 2 \(2 empty text\); delimiter.* text from 'text'"),
        ("text\tlabel\n", r"has a header but no rows"),
        ("\n \n", "the file is empty; expected rows with a text and a label"),
        ("", "the file is empty"),
    ],
)
def test_nothing_usable(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labelled(put(tmp_path / "r.tsv", content))


@pytest.mark.parametrize("row", ['"never closed,1\nb,2\n', 'a,"b"c\n'])
def test_broken_quotes(tmp_path: Path, row: str) -> None:
    with pytest.raises(DataError, match=r"r\.csv: line \d .*is not CSV: .*in double quotes"):
        read_labelled(put(tmp_path / "r.csv", "text,label\n" + row))


def test_labels_that_look_alike_are_named(tmp_path: Path) -> None:
    content = "text\tlabel\na\tGood\nb\tgood\nc\tvery bad\nd\tvery  bad\ne\t가\nf\t\u1100\u1161\n"
    rows, report = read_labelled(put(tmp_path / "r.tsv", content))
    assert len(rows) == 6
    assert report.notes == [
        "labels that differ only in case, kept as different labels: 'Good', 'good'",
        "labels that differ only in whitespace or Unicode form, merged: 'very  bad', 'very bad', "
        "'\u1100\u1161', '가'",
    ]
    _, several = read_labelled(put(tmp_path / "r.tsv", "text\tlabel\na\tx|Y\nb\ty | x\n"), separator="|")
    assert several.notes == ["labels that differ only in case, kept as different labels: 'Y', 'y'"]


def test_a_name_that_two_columns_have(tmp_path: Path) -> None:
    path = put(tmp_path / "r.tsv", "text\tlabel\tlabel\ta\tA\nx\t1\t2\t3\t4\n")
    with pytest.raises(DataError, match=r"2 columns are called 'label', 'label'; expected one .*--label-col"):
        read_labelled(path)
    assert read_labelled(path, label_column="A")[0] == [("x", "4")]
    with pytest.raises(DataError, match=r"r\.tsv: 2 columns are called"):
        read_labelled(put(tmp_path / "r.tsv", "text\tStars\tSTARS\nx\t1\t2\n"), label_column="stars")


def test_names_of_columns_compare_in_any_normal_form(tmp_path: Path) -> None:
    path = put(tmp_path / "r.tsv", "\u1100\u1161  b\tlabel\tid\nx\t1\t2\n")
    assert read_labelled(path, "가 B")[0] == [("x", "1")]


def test_a_message_shows_little_of_a_file(tmp_path: Path) -> None:
    header = "\t".join(f"column {number} {'x' * 500}" for number in range(400))
    path = put(tmp_path / "r.tsv", f"{header}\n{header}\n")
    for columns in ((), ("a" * 9000, "b")):
        with pytest.raises(DataError) as raised:
            read_labelled(path, *columns)
        assert len(str(raised.value)) < 300 + len(str(path)) + 300


@pytest.mark.parametrize(
    "content", ["text\tlabel\n{}\t1\n", 'text,label\n"{}",1\n', 'text\tlabel\n"{}\n{}"\t1\n']
)
def test_a_text_above_the_limit_of_the_csv_module_is_read_whole(tmp_path: Path, content: str) -> None:
    before = csv.field_size_limit()
    long = "가" * 131_073
    (row,) = read_labelled(put(tmp_path / "r.csv", content.replace("{}", long)))[0]
    assert row == (" ".join([long] * content.count("{}")), "1")
    assert csv.field_size_limit() == before


def test_not_utf8_and_not_there(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes("text,label\n좋아,1\n".encode("cp949"))
    with pytest.raises(DataError, match=r"line 2 is not UTF-8: .*rows with a text .*iconv -f CP949"):
        read_labelled(tmp_path / "r.csv")
    with pytest.raises(DataError, match=r"rr\.csv: no such file; did you mean .*r\.csv\?"):
        read_labelled(tmp_path / "rr.csv")
