"""The user's own sentence pairs: one `source<TAB>target` a line, plain or .gz, in UTF-8."""

from __future__ import annotations

import difflib
import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from seqapp.errors import DataError
from training.corpora.reading_report import ReadingReport
from training.corpora.splits import Pair

_FORMAT = "one pair a line, `source<TAB>target`, in UTF-8, for example: Save the file.<TAB>파일을 저장합니다."
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP_MAGIC = b"\x1f\x8b"
# What ends a line or a column for some reader; inside a text they would break the file.
_BREAKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


def read_pairs(path: Path | str) -> tuple[list[Pair], ReadingReport]:
    """Reads sentence pairs, line by line.

    Of each line the first two columns are used, blanks at their ends removed; a byte order mark
    at the file's beginning is passed over. Lines without two filled columns and repeated pairs
    are skipped and counted.

    Args:
        path: a file of `source<TAB>target` lines; gzip when its name ends in ".gz".

    Returns:
        pairs: `(source, target)` in the file's order.
        report: lines read, skipped by reason, kept.

    Raises:
        DataError: no such file, not a file, not UTF-8, not gzip, or not one usable line.
    """
    path = Path(path)
    _check_is_file(path)
    report = ReadingReport(path.name)
    pairs: dict[Pair, None] = {}  # keeps the order
    extra = 0
    for line in _lines(path):
        report.read += 1
        columns = [column.strip() for column in line.split("\t")]
        reason = _why_skip(line, columns) or ("repeated pair" if (columns[0], columns[1]) in pairs else "")
        if reason:
            report.skipped[reason] += 1
        else:
            pairs[columns[0], columns[1]] = None
            extra += len(columns) > 2
    if extra:
        lines = "1 line has" if extra == 1 else f"{extra:,} lines have"
        report.notes.append(f"{lines} more than two columns; the first two are used")
    report.kept = len(pairs)
    if not pairs:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in report.skipped.most_common())
        reasons = reasons or "the file is empty"
        raise DataError(f"{path}: no usable line among {report.read:,} ({reasons}); expected {_FORMAT}")
    return list(pairs), report


def write_pairs(path: Path | str, pairs: Iterable[Pair]) -> None:
    """Writes `source<TAB>target` lines that `read_pairs` reads, gzip when the name ends in ".gz".

    Tabs and line breaks inside a text become blanks, for the format has no way to quote them. The
    file appears complete or not at all; the same pairs give the same bytes.
    """
    path = Path(path)
    lines = (f"{source.translate(_BREAKS)}\t{target.translate(_BREAKS)}\n" for source, target in pairs)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            _write_lines(file, lines, compress=path.suffix == ".gz")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as raw:
        packed = path.suffix == ".gz" or raw.peek(2)[:2] == _GZIP_MAGIC
        file: Iterable[bytes] = gzip.GzipFile(fileobj=raw) if packed else raw
        number = 0
        try:
            for number, line in enumerate(file, start=1):
                yield _decode(line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line, number, path)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DataError(
                f"{path}: not a whole gzip file ({error}) after line {number:,}; expected what `gzip` "
                f"writes. Test it with `gzip -t {path.name}`, or drop .gz from the name of a plain file."
            ) from error


def _decode(line: bytes, number: int, path: Path) -> str:
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        plain = path.name.removesuffix(".gz")
        reading = f"gzip -dc {path.name} | iconv" if plain != path.name else "iconv"
        argument = "" if plain != path.name else f" {path.name}"
        raise DataError(
            f"{path}: line {number:,} is not UTF-8: byte 0x{line[error.start]:02x} at position "
            f"{error.start + 1} of the line. Expected {_FORMAT} To convert, name the encoding it has (CP949 "
            "is common for Korean, UTF-16 for spreadsheets): "
            f"{reading} -f CP949 -t UTF-8{argument} > utf8-{plain}"
        ) from error


def _why_skip(line: str, columns: list[str]) -> str:
    if not line.strip():
        return "empty line"
    if len(columns) < 2:
        return "missing second column (no tab)"
    if not columns[0]:
        return "empty source"
    return "" if columns[1] else "empty target"


def _check_is_file(path: Path) -> None:
    if path.is_dir():
        raise DataError(f"{path}: is a directory; expected a file with {_FORMAT}")
    if not path.exists():
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, names, n=1)
        hint = f"did you mean {path.parent / near[0]}?" if near else f"expected a file with {_FORMAT}"
        raise DataError(f"{path}: no such file; {hint}")
    if not os.access(path, os.R_OK):
        raise DataError(f"{path}: may not be read; give its reader the right to: chmod +r {path}")


def _write_lines(file: BinaryIO, lines: Iterable[str], *, compress: bool) -> None:
    if not compress:
        file.writelines(line.encode("utf-8") for line in lines)
        return
    # No name and no time inside, so that equal pairs give equal bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.writelines(line.encode("utf-8") for line in lines)
