import gzip
from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.pairs_file import read_pairs
from training.data.row_files import RowFiles


def sides(folder: Path, source: bytes, target: bytes, suffix: str = "") -> RowFiles:
    files = []
    for name, content in (("a.en", source), ("a.ko", target)):
        path = folder / f"{name}{suffix}"
        path.write_bytes(gzip.compress(content) if suffix else content)
        files.append(DataFile(path))
    return RowFiles((files[0],), files[1])


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_line_by_line(tmp_path: Path, suffix: str) -> None:
    source, target = "a\tb\n\nc\nd\u2028e\na\tb\n\n".encode(), "가\r\n나\r\n\r\n다\r\n가\r\n\r\n".encode()
    pairs, report = read_pairs(sides(tmp_path, source, target, suffix))
    assert pairs == [("a b", "가"), ("d e", "다")]
    assert report.lines() == [
        f"a.en{suffix} + a.ko{suffix}: 6 line pairs read, 2 pairs kept",
        f"  parallel lines; source from a.en{suffix}, target from a.ko{suffix}",
        "  skipped 1: empty source",
        "  skipped 1: empty target",
        "  skipped 1: empty line",
        "  skipped 1: repeated pair",
    ]
    assert str(report.examples["empty source"]).endswith(r", line 2: '\t나'")


def test_unequal_numbers_of_lines_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.en has 2 lines and \S+a\.ko has 4; expected equally many"):
        read_pairs(sides(tmp_path, b"a\nb\n", b"a\nb\nc\nd"))
    with pytest.raises(DataError, match=r"a\.en has 1 lines and \S+a\.ko has 0"):
        read_pairs(sides(tmp_path, b"a", b""))
    with pytest.raises(DataError, match="both files are empty; expected one sentence per line"):
        read_pairs(sides(tmp_path, b"", b""))


def test_another_encoding_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.ko: line 1 is not UTF-8: .*iconv -f CP949 -t UTF-8 < \S+a\.ko"):
        read_pairs(sides(tmp_path, b"a\n", "가나\n".encode("cp949")))
