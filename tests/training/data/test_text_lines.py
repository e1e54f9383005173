import gzip
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqapp.errors import DataError
from training.data.reading_report import ReadingReport
from training.data.text_lines import LONGEST_LINE, read_lines, without_breaks


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def test_lines_keep_their_ends_and_only_the_first_byte_order_mark_goes(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "\ufeff가\r\n\ufeffb\u2028c\n\nlast".encode())
    assert list(read_lines(path, "")) == ["가\r\n", "\ufeffb\u2028c\n", "\n", "last"]


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(
        st.text("ab가 \t\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029👋", min_size=1).map(lambda text: f"x{text}"),
        min_size=1,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_only_lf_and_crlf_end_a_line(
    tmp_path: Path, name: str, encoding: str, lines: list[str], end: str
) -> None:
    path = put(tmp_path / name, end.join(lines).encode(encoding))
    report = ReadingReport(name)
    assert [line.removesuffix("\n").removesuffix("\r") for line in read_lines(path, "", report)] == lines
    assert bool(report.notes) == (encoding in ("utf-16", "utf-32"))


def test_both_orders_of_utf_16(tmp_path: Path) -> None:
    report = ReadingReport("a")
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        path = put(tmp_path / "a.txt", mark + "a\t가\n".encode(encoding))
        assert list(read_lines(path, "", report)) == ["a\t가\n"]
    assert report.notes == ["encoding: UTF-16"] * 2


def test_utf_16_that_breaks_off(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "가\n나".encode("utf-16")[:-1])
    with pytest.raises(DataError, match=r"mark of UTF-16, but line 2 or a later one is not UTF-16 \(trunc"):
        list(read_lines(path, ""))


def test_members_of_a_gzip_file_follow_one_another(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a\nb") + gzip.compress(b"c\nd\n") + bytes(16))
    assert list(read_lines(tmp_path / "a.gz", "")) == ["a\n", "bc\n", "d\n"]


# What is written, the encoding that the message must name, and its lines read back after the command ran.
OTHERS = [("utf-16-le", "UTF-16LE"), ("utf-16-be", "UTF-16BE"), ("cp949", "CP949")]


@pytest.mark.parametrize("name", ["저장 '1'.txt", "a b.txt.gz"])
@pytest.mark.parametrize(("encoding", "named"), OTHERS)
def test_another_encoding_is_refused_with_a_command_that_works(
    tmp_path: Path, name: str, encoding: str, named: str
) -> None:
    path = put(tmp_path / name, "Save\t파일을 저장합니다.\n나\t다\n".encode(encoding))
    with pytest.raises(DataError) as raised:
        list(read_lines(path, "pairs."))
    message = str(raised.value)
    assert named in message
    assert "\n" not in message
    command = message[message.index("gzip -dc" if name.endswith(".gz") else "iconv -f") :]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    converted = tmp_path / f"converted-{name.removesuffix('.gz')}"
    assert list(read_lines(converted, "")) == ["Save\t파일을 저장합니다.\n", "나\t다\n"]


def test_latin_letters_are_not_taken_for_korean(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "Das heißt: größer\n".encode("cp1252"))
    with pytest.raises(DataError, match=r"byte 0xdf at position 8 .*iconv -f CP1252 -t UTF-8 < "):
        list(read_lines(path, "text."))


@pytest.mark.parametrize("size", [3, 300_000])
def test_lines_that_end_in_cr_alone(tmp_path: Path, size: int) -> None:
    path = put(tmp_path / "a b.tsv", b"text\tlabel\r" + b"some\t1\r" * size)
    with pytest.raises(DataError, match=r"end in CR only \(old Mac .*tr '\\r' '\\n' < '") as raised:
        list(read_lines(path, "rows"))
    assert len(str(raised.value)) < 300 + 2 * len(str(path))
    command = str(raised.value)[str(raised.value).index("tr ") :]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    assert len(list(read_lines(tmp_path / "converted-a b.tsv", ""))) == size + 1


def test_a_return_inside_a_line_and_one_at_the_end_of_all(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", b"a\rb\nc\r")
    assert list(read_lines(path, "")) == ["a\rb\n", "c\r"]
    assert list(read_lines(put(tmp_path / "a.txt", b"c\r"), "")) == ["c\r"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_just_below_and_one_just_above_the_bound(tmp_path: Path, encoding: str) -> None:
    longest = "a\n" + "b" * (LONGEST_LINE - 1) + "\n"
    assert len(list(read_lines(put(tmp_path / "a.txt", longest.encode(encoding)), ""))) == 2
    path = put(tmp_path / "a.txt", longest.replace("b\n", "bbb\n").encode(encoding))
    with pytest.raises(DataError, match=r"line 2 is longer than the limit of 1,048,576 bytes"):
        list(read_lines(path, ""))
    path = put(tmp_path / "a.txt", ("x" + "가" * LONGEST_LINE).encode(encoding))
    with pytest.raises(DataError, match=r"line 1 is longer than the limit of 1,048,576 bytes"):
        list(read_lines(path, ""))


def test_what_never_ends_is_refused() -> None:
    with pytest.raises(DataError, match=r"/dev/zero: is binary \(NUL bytes"):
        list(read_lines(Path("/dev/zero"), "rows"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 and so on", "Excel workbook: save the sheet as CSV UTF-8"),
        (b"BZh91AY", "bzip2: unpack it with bunzip2"),
        (b"PAR1\x15", "Parquet file: write it as TSV"),
    ],
)
def test_other_formats_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        list(read_lines(put(tmp_path / "a.tsv", content), "rows"))


def test_what_was_expected_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a directory; expected a file with words in rows"):
        list(read_lines(tmp_path, "words in rows"))
    with pytest.raises(DataError, match=r"byte 0xc0 at position 2 of the line\. Expected words in rows"):
        list(read_lines(put(tmp_path / "b.txt", b"a\xc0"), "words in rows"))


def test_breaks_inside_a_text_become_blanks() -> None:
    assert without_breaks(" a\r\nb\tc\u2028\x85d\n") == "a b c  d"
