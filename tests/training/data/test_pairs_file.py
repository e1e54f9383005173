import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqapp.errors import DataError
from training.data.pairs_file import read_pairs, write_pairs

PAIRS = [("Save the file.", "파일을 저장합니다."), ("Hello", "안녕 👋")]


@pytest.mark.parametrize("name", ["pairs.tsv", "pairs.tsv.gz"])
def test_round_trip(tmp_path: Path, name: str) -> None:
    write_pairs(tmp_path / name, PAIRS)
    pairs, report = read_pairs(tmp_path / name)
    assert pairs == PAIRS
    assert report.lines() == [f"{name}: 2 lines read, 2 pairs kept"]
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_gzip_has_neither_time_nor_name(tmp_path: Path) -> None:
    write_pairs(tmp_path / "a.tsv.gz", PAIRS)
    write_pairs(tmp_path / "b.tsv.gz", PAIRS)
    content = (tmp_path / "a.tsv.gz").read_bytes()
    assert content == (tmp_path / "b.tsv.gz").read_bytes()
    assert content[3:8] == bytes(5)  # no flags, so no name; time 0


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
    assert report.lines()[-1] == "  note: 1 line has more than two columns; the first two are used"


def test_repeated_pairs_are_kept_when_asked(tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs.tsv", [*PAIRS, *PAIRS])
    pairs, report = read_pairs(tmp_path / "pairs.tsv", keep_repeated=True)
    assert pairs == [*PAIRS, *PAIRS]
    assert (report.kept, report.skipped) == (4, {})


def test_gzip_is_known_by_its_content_too(tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_bytes(gzip.compress("a\t가\n".encode()))
    assert read_pairs(tmp_path / "pairs.tsv")[0] == [("a", "가")]


def test_tabs_and_line_breaks_inside_become_blanks(tmp_path: Path) -> None:
    write_pairs(tmp_path / "p.tsv", [("a\tb\nc\r\u2028d", "가\n나")])
    assert read_pairs(tmp_path / "p.tsv")[0] == [("a b c  d", "가 나")]


_SIDES = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), min_size=1).map(
    lambda text: " ".join(text.split())
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(_SIDES, _SIDES).filter(all), min_size=1, unique=True),
    st.sampled_from(["p.tsv", "p.gz"]),
)
def test_what_is_written_is_read(tmp_path: Path, pairs: list[tuple[str, str]], name: str) -> None:
    write_pairs(tmp_path / name, pairs)
    assert read_pairs(tmp_path / name)[0] == pairs


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    write_pairs(file, PAIRS)

    def broken() -> object:
        yield ("new", "pair")
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        write_pairs(file, broken())  # type: ignore[arg-type]
    assert read_pairs(file)[0] == PAIRS
    assert [entry.name for entry in tmp_path.iterdir()] == ["pairs.tsv"]


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs.tsv", PAIRS)
    with pytest.raises(DataError, match=r"pair\.tsv: no such file; did you mean .*pairs\.tsv\?"):
        read_pairs(tmp_path / "pair.tsv")
    with pytest.raises(DataError, match="no such file; expected a file with one pair a line"):
        read_pairs(tmp_path / "no/where/zzz.csv")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a directory; expected a file with one pair a line"):
        read_pairs(tmp_path)


def test_wrong_encoding_names_line_byte_and_conversion(tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    file.write_bytes(b"a\tb\nhi\t" + "가".encode("cp949") + b"\n")
    with pytest.raises(
        DataError, match=r"line 2 is not UTF-8: byte 0xb0 at position 4 .*iconv -f CP949 -t UTF-8 pairs"
    ):
        read_pairs(file)
    packed = tmp_path / "packed.tsv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    with pytest.raises(
        DataError, match=r"gzip -dc packed\.tsv\.gz \| iconv -f CP949 -t UTF-8 > utf8-packed\.tsv$"
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
    with pytest.raises(DataError, match=r"not a whole gzip file .*gzip -t p\.tsv\.gz"):
        read_pairs(tmp_path / "p.tsv.gz")


def test_no_usable_line_counts_the_reasons(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("a,b\nc,d\n\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"no usable line among 3 \(2 missing second column \(no tab\), 1 empty line\); "
    ):
        read_pairs(file)
    file.write_text("")
    with pytest.raises(
        DataError, match=r"among 0 \(the file is empty\); expected .*Save the file\.<TAB>파일을"
    ):
        read_pairs(file)
