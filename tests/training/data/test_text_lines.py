from pathlib import Path

import pytest

from seqapp.errors import DataError
from training.data.text_lines import read_lines


def test_lines_keep_their_ends_and_only_the_first_byte_order_mark_goes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeff가\r\n\ufeffb\u2028c\n\nlast".encode())
    assert list(read_lines(tmp_path / "a.txt", "")) == ["가\r\n", "\ufeffb\u2028c\n", "\n", "last"]


def test_what_was_expected_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a directory; expected a file with words in rows"):
        list(read_lines(tmp_path, "words in rows"))
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"byte 0xff at position 1 of the line\. Expected words in rows"):
        list(read_lines(tmp_path / "b.txt", "words in rows"))
