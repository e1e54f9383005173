"""Encoding detection for bytes that are not UTF-8."""

import codecs

# UTF-32 first: the mark of its little-endian form begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_NUL_SHARE = 0.02


def marked_encoding(data: bytes) -> str:
    """Return the encoding of the byte order mark of `data`, as named by `iconv` and Python; "" for none.

    The byte order mark of UTF-8 counts as none.
    """
    return next((name for mark, name in MARKS.items() if data.startswith(mark)), "")


def unmarked_utf16(data: bytes) -> str:
    """Return "UTF-16LE" or "UTF-16BE" if every second byte is often NUL; "" otherwise.

    Line ends, tabs, spaces and digits suffice in any language.
    """
    if not has_nuls(data):
        return ""
    odd, even = data[1::2].count(0), data[::2].count(0)
    # Some characters have a NUL low byte, e.g. 가 (U+AC00).
    return "UTF-16LE" if odd > 2 * even else "UTF-16BE" if even > 2 * odd else ""


def has_nuls(data: bytes) -> bool:
    """Return whether `data` has more NULs than text has."""
    return data.count(0) >= max(2, _NUL_SHARE * len(data))


def likely_encoding(line: bytes) -> str:
    """Return the most likely encoding of a line that is not UTF-8, as named by `iconv`."""
    if wide := unmarked_utf16(line):
        return wide
    for codec, name in (("cp949", "CP949"), ("cp1252", "CP1252")):
        try:
            line.decode(codec)
        except UnicodeDecodeError:
            continue
        return name
    return "CP949"
