"""Lines of the user's own text files: plain or gzip, UTF-8 or an error that says how to convert."""

from __future__ import annotations

import difflib
import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from seqapp.errors import DataError

# What ends a line or a column for some reader; inside a text of a tab-separated file they would break it.
BREAKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP_MAGIC = b"\x1f\x8b"


def read_lines(path: Path, expected: str) -> Iterator[str]:
    r"""Yields the lines of a file with their `\n`, a byte order mark at the beginning left out.

    Args:
        path: a file; gzip when its name ends in ".gz" or its first bytes say so.
        expected: what the file should hold, for messages: "one pair a line, …".

    Raises:
        DataError: no such file, not a file, not to be read, not UTF-8, or not gzip.
    """
    _check_is_file(path, expected)
    with path.open("rb") as raw:
        packed = path.suffix == ".gz" or raw.peek(2)[:2] == _GZIP_MAGIC
        file: Iterable[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw
        number = 0
        try:
            for number, line in enumerate(file, start=1):
                line = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
                yield _decode(line, number, path, expected)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DataError(
                f"{path}: not a whole gzip file ({error}) after line {number:,}; expected what `gzip` "
                f"writes. Test it with `gzip -t {path.name}`, or drop .gz from the name of a plain file."
            ) from error


def _decode(line: bytes, number: int, path: Path, expected: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        plain = path.name.removesuffix(".gz")
        reading = f"gzip -dc {path.name} | iconv" if plain != path.name else "iconv"
        argument = "" if plain != path.name else f" {path.name}"
        raise DataError(
            f"{path}: line {number:,} is not UTF-8: byte 0x{line[error.start]:02x} at position "
            f"{error.start + 1} of the line. Expected {expected} To convert, name the encoding it has (CP949 "
            "is common for Korean, UTF-16 for spreadsheets): "
            f"{reading} -f CP949 -t UTF-8{argument} > utf8-{plain}"
        ) from error


def _check_is_file(path: Path, expected: str) -> None:
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected a file with {expected}")
    if not path.exists():
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, names, n=1)
        hint = f"did you mean {path.parent / near[0]}?" if near else f"expected a file with {expected}"
        raise DataError(f"{path}: no such file; {hint}")
    if not os.access(path, os.R_OK):
        raise DataError(f"{path}: may not be read; give its reader the right to: chmod +r {path}")
