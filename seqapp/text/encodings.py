"""Which encoding bytes are in, where they are not UTF-8: for readers and for what errors advise."""

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
    """The encoding whose byte order mark `data` begins with, as `iconv` and Python call it; "" for none.

    The mark of UTF-8 is none: what follows it is UTF-8 as any other.
    """
    return next((name for mark, name in MARKS.items() if data.startswith(mark)), "")


def unmarked_utf16(data: bytes) -> str:
    """Returns "UTF-16LE" or "UTF-16BE" where every second byte is often NUL; "" otherwise.

    Line ends, tabs, blanks and digits are enough of it in any language.
    """
    if not has_nuls(data):
        return ""
    odd, even = data[1::2].count(0), data[::2].count(0)
    # Some letters have a NUL of their own on the other side, 가 (U+AC00) for one.
    return "UTF-16LE" if odd > 2 * even else "UTF-16BE" if even > 2 * odd else ""


def has_nuls(data: bytes) -> bool:
    """Whether `data` holds more NULs than text ever does."""
    return data.count(0) >= max(2, _NUL_SHARE * len(data))


def likely_encoding(line: bytes) -> str:
    """The encoding to try first, for a line that is not UTF-8, as `iconv` calls it."""
    if wide := unmarked_utf16(line):
        return wide
    for codec, name in (("cp949", "CP949"), ("cp1252", "CP1252")):
        try:
            line.decode(codec)
        except UnicodeDecodeError:
            continue
        return name
    return "CP949"
