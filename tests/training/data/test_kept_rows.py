from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqapp.errors import DataError
from training.data.kept_rows import read_kept, write_rows
from training.data.text_lines import LONGEST_LINE

ROWS = [("Save the file.", "파일을 저장합니다."), ("Hello", "안녕 👋"), ("Hello", "안녕 👋")]


@pytest.mark.parametrize("name", ["rows.tsv", "rows.tsv.gz"])
def test_all_rows_come_back_equal_ones_too(tmp_path: Path, name: str) -> None:
    write_rows(tmp_path / name, ROWS)
    assert read_kept(tmp_path / name) == ROWS
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_gzip_has_neither_time_nor_name(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.tsv.gz", ROWS)
    write_rows(tmp_path / "b.tsv.gz", ROWS)
    content = (tmp_path / "a.tsv.gz").read_bytes()
    assert content == (tmp_path / "b.tsv.gz").read_bytes()
    assert content[3:8] == bytes(5)  # no flags, so no name; time 0


def test_tabs_and_line_breaks_inside_become_blanks(tmp_path: Path) -> None:
    write_rows(tmp_path / "p.tsv", [("a\tb\nc\r\u2028d\r\ne", "가\n나", "x")])
    assert read_kept(tmp_path / "p.tsv") == [("a b c  d e", "가 나", "x")]


def test_nuls_become_blanks(tmp_path: Path) -> None:
    write_rows(tmp_path / "p.tsv", [("a\0b", "\0\0", "x\0")] * 9)
    assert read_kept(tmp_path / "p.tsv") == [("a b", "", "x")] * 9


_FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\0"), min_size=1).map(
    lambda text: " ".join(text.split())
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(_FIELDS, _FIELDS, _FIELDS), min_size=1),
    st.sampled_from(["p.tsv", "p.gz"]),
)
def test_what_is_written_is_read(tmp_path: Path, rows: list[tuple[str, ...]], name: str) -> None:
    write_rows(tmp_path / name, rows)
    assert read_kept(tmp_path / name) == rows


def test_a_row_may_be_longer_than_a_line_of_a_file(tmp_path: Path) -> None:
    document = " ".join(["word"] * (LONGEST_LINE // 4))
    write_rows(tmp_path / "p.tsv.gz", [(document,), ("short",)])
    assert read_kept(tmp_path / "p.tsv.gz") == [(document,), ("short",)]


def test_quotes_and_names_of_columns_are_text(tmp_path: Path) -> None:
    rows = [("text", "label"), ('"a ""b""', '"'), ('"c', "d")]
    write_rows(tmp_path / "p.tsv", rows)
    assert read_kept(tmp_path / "p.tsv") == rows


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    write_rows(file, ROWS)

    def broken() -> object:
        yield ("new", "pair")
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        write_rows(file, broken())  # type: ignore[arg-type]
    assert read_kept(file) == ROWS
    assert [entry.name for entry in tmp_path.iterdir()] == ["pairs.tsv"]


def test_rows_of_different_width_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_text("a\tb\nc\n")
    with pytest.raises(DataError, match=r"line 2 has 1 columns, the first has 2; expected rows as written"):
        read_kept(tmp_path / "p.tsv")


def test_the_first_rows(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.tsv", ROWS)
    assert read_kept(tmp_path / "rows.tsv", 2) == ROWS[:2]
