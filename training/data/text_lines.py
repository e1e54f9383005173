r"""Reader of text lines: plain or gzip, UTF-8, or UTF-16 with a byte order mark.

Only LF and CRLF end a line, unlike in `str.splitlines` (NEL, U+2028, form feed …).
"""

from __future__ import annotations

import codecs
import difflib
import gzip
import io
import os
import shlex
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from seqapp.errors import DataError
from seqapp.text.encodings import has_nuls, likely_encoding, marked_encoding, unmarked_utf16
from training.data.data_file import DataFile, data_file
from training.data.reading_report import ReadingReport

# Bounds the memory for files without line ends; far longer than any text a model reads.
LONGEST_LINE = 1 << 20  # bytes; characters in UTF-16

_BREAKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))
_GZIP = b"\x1f\x8b"
_OTHER_FORMATS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: save the sheet as CSV UTF-8, or unzip the archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV UTF-8",
    b"PAR1": "a Parquet file: write it as TSV or CSV",
    b"BZh": "packed by bzip2: unpack it with bunzip2",
    b"\xfd7zXZ": "packed by xz: unpack it with unxz",
    b"\x28\xb5\x2f\xfd": "packed by Zstandard: unpack it with unzstd",
}
_HEAD = 4096  # bytes used to detect the encoding


class _Described(NamedTuple):
    """A file as described in messages."""

    file: DataFile
    expected: str
    packed: bool
    longest: int

    def error(self, what: str) -> DataError:
        return DataError(f"{self.file}: {what}")

    def convert(self, command: str) -> str:
        """Return a shell command that passes the file through `command`."""
        if self.file.is_standard_input:
            return f"… | {'gzip -dc | ' * self.packed}{command} | …"
        name = shlex.quote(str(self.file))
        target = shlex.quote(f"converted-{self.file.name.removesuffix('.gz')}")
        return f"gzip -dc {name} | {command} > {target}" if self.packed else f"{command} < {name} > {target}"


def without_breaks(text: str) -> str:
    """Return the text stripped, with each tab and line break of any kind replaced by a space."""
    return text.replace("\r\n", " ").translate(_BREAKS).strip()


def read_lines(
    path: DataFile | Path | str,
    expected: str,
    report: ReadingReport | None = None,
    longest: int = LONGEST_LINE,
) -> Iterator[str]:
    r"""Yield the lines of a file with their `\n` or `\r\n`, without a byte order mark.

    Args:
        path: a file; gzip by its name (".gz") or first bytes.
        expected: expected content, for messages: "one pair per line, …".
        report: receives a note on an encoding other than UTF-8.
        longest: maximum length of a line in bytes.

    Raises:
        DataError: no such file, not a file, not readable, neither UTF-8 nor UTF-16 with a byte order mark,
            damaged gzip, lines that end in CR only, or a line that is too long.
    """
    file = data_file(path)
    number = 0
    with unpacked(file, expected, lambda: f"after line {number:,}") as (stream, packed):
        for line in _decoded(stream, _Described(file, expected, packed, longest), report):
            number += 1
            yield line


@contextmanager
def unpacked(
    file: DataFile, expected: str, place: Callable[[], str]
) -> Iterator[tuple[io.BufferedReader, bool]]:
    """Open a file, unpacked if it is gzip, and return the stream and whether it is gzip.

    Args:
        file: gzip by its name (".gz") or first bytes.
        expected: expected content, for messages.
        place: where reading has got to, for messages on damaged gzip: "after line 7".

    Raises:
        DataError: no such file, not a file, not readable, or, while it is open, damaged gzip.
    """
    if not file.is_standard_input:
        _check_is_file(file.path, expected)
    with file.open() as raw:
        packed = file.path.suffix == ".gz" or raw.peek(2)[:2] == _GZIP  # type: ignore[attr-defined]
        try:
            yield io.BufferedReader(gzip.GzipFile(fileobj=raw)) if packed else raw, packed  # type: ignore
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            name = shlex.quote(str(file))
            raise DataError(
                f"{file}: incomplete or damaged gzip file ({error}) {place()}. Test it with "
                f"`gzip -t {name}`, or remove .gz from the name of a plain file."
            ) from error


def _decoded(
    stream: io.BufferedReader, described: _Described, report: ReadingReport | None
) -> Iterator[str]:
    head = stream.peek(_HEAD)[:_HEAD]
    if encoding := marked_encoding(head):
        if report is not None:
            report.notes.append(f"encoding: {encoding}")
        return _wide_lines(stream, described, encoding)
    for magic, what in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise described.error(f"is {what}; expected {described.expected}")
    _check_not_binary(head, described)
    return _utf8_lines(stream, described)


def _wide_lines(stream: io.BufferedReader, described: _Described, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding, newline="\n")
    number = 1
    try:
        while line := text.readline(described.longest + 1):
            _check_line(line, number, described)
            yield line
            number += 1
    except UnicodeDecodeError as error:
        raise described.error(
            f"has a byte order mark of {encoding}, but line {number:,} or a later one is not {encoding} "
            f"({error.reason}); expected {described.expected} Save it as UTF-8."
        ) from error
    finally:
        text.detach()


def _utf8_lines(stream: io.BufferedReader, described: _Described) -> Iterator[str]:
    number = 1
    while line := stream.readline(described.longest + 1):
        line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            # The limit cut a character.
            if len(line) > described.longest and error.start > described.longest - 4:
                raise _too_long(number, "\r" in line.decode("utf-8", "ignore"), described) from None
            raise _not_utf8(line, error.start, number, described) from error
        _check_line(text, number, described, len(line))
        yield text
        number += 1


def _check_line(line: str, number: int, described: _Described, size: int = 0) -> None:
    """Refuse a line above the limit, and a file whose first line has CRs but no LF."""
    ended = line.endswith("\n")
    if (size or len(line)) > described.longest and not ended:
        raise _too_long(number, "\r" in line, described)
    if number == 1 and not ended and "\r" in line.strip():
        raise _returns_only(described)


def _too_long(number: int, returns: bool, described: _Described) -> DataError:
    if number == 1 and returns:
        return _returns_only(described)
    return described.error(
        f"line {number:,} is longer than the limit of {described.longest:,} bytes; "
        f"expected {described.expected}"
    )


def _returns_only(described: _Described) -> DataError:
    return described.error(
        "lines end in CR only (old Mac export); expected LF or CRLF. To convert: "
        + described.convert(r"tr '\r' '\n'")
    )


def _not_utf8(line: bytes, place: int, number: int, described: _Described) -> DataError:
    return described.error(
        f"line {number:,} is not UTF-8: byte 0x{line[place]:02x} at position {place + 1} of the line. "
        f"Expected {described.expected} To convert, set its encoding (CP949 is common for Korean): "
        + described.convert(f"iconv -f {likely_encoding(line)} -t UTF-8")
    )


def _check_not_binary(head: bytes, described: _Described) -> None:
    wide = unmarked_utf16(head)
    if wide:
        raise described.error(
            f"is not UTF-8 but {wide} without a byte order mark; expected {described.expected} To convert: "
            + described.convert(f"iconv -f {wide} -t UTF-8")
        )
    if has_nuls(head):
        raise described.error(f"is binary (NUL bytes at the beginning); expected {described.expected}")


def _check_is_file(path: Path, expected: str) -> None:
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected a file with {expected}")
    if not path.exists():
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, names, n=1)
        hint = f"did you mean {path.parent / near[0]}?" if near else f"expected a file with {expected}"
        raise DataError(f"{path}: no such file; {hint}")
    if not os.access(path, os.R_OK):
        name = shlex.quote(str(path))
        raise DataError(f"{path}: no permission to read; to grant it: chmod +r {name}")
