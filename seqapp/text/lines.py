"""Decoding of bytes into text lines."""

from __future__ import annotations

import codecs

from seqapp.errors import DataError
from seqapp.text.encodings import likely_encoding, marked_encoding, unmarked_utf16

_HEAD = 4096  # bytes used to detect another encoding


def decode_lines(data: bytes, name: str) -> list[str]:
    r"""Decode text and split it at `\n` and `\r\n` only.

    Other Unicode separators (U+2028, NEL, VT, FF, a single `\r`) are part of the text, unlike in
    `str.splitlines`. Accepts UTF-8, with or without a byte order mark, and UTF-16 and UTF-32 with one.

    Args:
        data: the bytes.
        name: name of the source in errors, e.g. `standard input`.

    Returns:
        The lines without line ends, empty lines included; a final line end does not add a line.

    Raises:
        DataError: another encoding, or lines that end in `\r` only. The message does not contain the text.
    """
    if encoding := marked_encoding(data):
        data = _converted(data, encoding, name)
    if encoding := unmarked_utf16(data[:_HEAD]):
        remedy = f"convert it: iconv -f {encoding} -t UTF-8"
        raise DataError(f"{name}, line 1: expected UTF-8, got {encoding} without a byte order mark; {remedy}")
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\r" in data and b"\n" not in data:
        remedy = r"convert it: tr '\r' '\n'"
        raise DataError(f"{name}: expected lines that end in LF or CRLF, got only CR; {remedy}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        begin, end = data.rfind(b"\n", 0, error.start) + 1, data.find(b"\n", error.start)
        likely = likely_encoding(data[begin:] if end < 0 else data[begin:end])
        remedy = f"convert it from its encoding: iconv -f {likely} -t UTF-8"
        byte = data[error.start]
        raise DataError(f"{name}, line {line}: expected UTF-8, got byte 0x{byte:02x}; {remedy}") from None
    *lines, last = text.split("\n")
    lines = [line.removesuffix("\r") for line in lines]
    return [*lines, last] if last else lines


def _converted(data: bytes, encoding: str, name: str) -> bytes:
    """Convert data with a byte order mark to UTF-8."""
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError:
        expected = f"expected {encoding}, as its byte order mark says, got other bytes"
        raise DataError(f"{name}: {expected}; save it as UTF-8") from None
