from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.row_kind import RowKind
from training.data.table import read_table

TAGGED = RowKind(("tokens", "tags", "domain"), "rows of tokens, tags and a domain.")


def put(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_three_features_in_their_order_whatever_that_of_the_columns(tmp_path: Path) -> None:
    path = put(tmp_path / "t.tsv", "domain\tid\ttags\ttokens\nnews\t1\tN V\tdogs bark\nnews\t2\t\tx\n")
    rows, report = read_table(path, TAGGED)
    assert rows == [("dogs bark", "N V", "news")]
    assert report.lines() == [
        "t.tsv: 2 rows read, 1 rows kept",
        "  delimiter: tab; quotes are part of the text; "
        "tokens from 'tokens', tags from 'tags', domain from 'domain'",
        "  skipped 1: empty tags",
    ]


def test_the_last_column_needs_no_name(tmp_path: Path) -> None:
    path = put(tmp_path / "t.csv", "words,tags,topic\ndogs,N,news\n")
    rows, _ = read_table(path, TAGGED, {"tokens": "words", "domain": None})
    assert rows == [("dogs", "N", "news")]


def test_without_names_the_columns_are_in_order(tmp_path: Path) -> None:
    rows, report = read_table(put(tmp_path / "t.tsv", "\na b\tN V\tx\nc\tN\ty\n"), TAGGED)
    assert rows == [("a b", "N V", "x"), ("c", "N", "y")]
    assert (report.read, report.skipped) == (3, {"empty line": 1})
    with pytest.raises(DataError, match=r"the tags and which the domain: columns are 'a', 'b'"):
        read_table(put(tmp_path / "t.tsv", "a\tb\nc\td\n"), TAGGED)


def test_one_column_for_two_features(tmp_path: Path) -> None:
    path = put(tmp_path / "t.tsv", "a\tb\tc\n1\t2\t3\n")
    with pytest.raises(DataError, match=r"--tokens-column and --tags-column are both 'b'; expected two"):
        read_table(path, TAGGED, {"tokens": "b", "tags": "b", "domain": "c"})


def test_a_record_over_several_lines_is_one_row(tmp_path: Path) -> None:
    content = 'tokens\ttags\tdomain\n"a ""b""\nc\td"\tN\tx\ne\tN\ty\n'
    rows, report = read_table(put(tmp_path / "t.tsv", content), TAGGED)
    assert rows == [('a "b" c d', "N", "x"), ("e", "N", "y")]
    assert (report.read, report.kept) == (2, 2)


def test_utf_16_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes("tokens\ttags\tdomain\r\n가\tN\tx\r\n".encode("utf-16"))
    rows, report = read_table(tmp_path / "t.txt", TAGGED)
    assert rows == [("가", "N", "x")]
    assert report.lines()[-1] == "  note: encoding: UTF-16"
