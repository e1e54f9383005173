"""The user's own sentence pairs: one `source<TAB>target` a line, plain or .gz, in UTF-8."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from seqapp.errors import DataError
from training.data.reading_report import ReadingReport
from training.data.splits import Pair
from training.data.text_lines import BREAKS, read_lines

_FORMAT = "one pair a line, `source<TAB>target`, in UTF-8, for example: Save the file.<TAB>파일을 저장합니다."


def read_pairs(path: Path | str, *, keep_repeated: bool = False) -> tuple[list[Pair], ReadingReport]:
    """Reads sentence pairs, line by line.

    Of each line the first two columns are used, blanks at their ends removed; a byte order mark
    at the file's beginning is passed over. Lines without two filled columns and repeated pairs
    are skipped and counted.

    Args:
        path: a file of `source<TAB>target` lines; gzip when its name ends in ".gz".
        keep_repeated: keeps repeated pairs too, as labelled texts need it to be counted alike everywhere.

    Returns:
        pairs: `(source, target)` in the file's order.
        report: lines read, skipped by reason, kept.

    Raises:
        DataError: no such file, not a file, not UTF-8, not gzip, or not one usable line.
    """
    path = Path(path)
    report = ReadingReport(path.name)
    pairs: list[Pair] = []
    seen: set[Pair] = set()
    extra = 0
    for line in read_lines(path, _FORMAT):
        report.read += 1
        columns = [column.strip() for column in line.split("\t")]
        reason = _why_skip(line, columns)
        if not reason and not keep_repeated and (columns[0], columns[1]) in seen:
            reason = "repeated pair"
        if reason:
            report.skipped[reason] += 1
            continue
        pairs.append((columns[0], columns[1]))
        seen.add(pairs[-1])
        extra += len(columns) > 2
    if extra:
        lines = "1 line has" if extra == 1 else f"{extra:,} lines have"
        report.notes.append(f"{lines} more than two columns; the first two are used")
    report.kept = len(pairs)
    if not pairs:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in report.skipped.most_common())
        reasons = reasons or "the file is empty"
        raise DataError(f"{path}: no usable line among {report.read:,} ({reasons}); expected {_FORMAT}")
    return pairs, report


def write_pairs(path: Path | str, pairs: Iterable[Pair]) -> None:
    """Writes `source<TAB>target` lines that `read_pairs` reads, gzip when the name ends in ".gz".

    Tabs and line breaks inside a text become blanks, for the format has no way to quote them. The
    file appears complete or not at all; the same pairs give the same bytes.
    """
    path = Path(path)
    lines = (f"{source.translate(BREAKS)}\t{target.translate(BREAKS)}\n" for source, target in pairs)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            _write_lines(file, lines, compress=path.suffix == ".gz")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _why_skip(line: str, columns: list[str]) -> str:
    if not line.strip():
        return "empty line"
    if len(columns) < 2:
        return "missing second column (no tab)"
    if not columns[0]:
        return "empty source"
    return "" if columns[1] else "empty target"


def _write_lines(file: BinaryIO, lines: Iterable[str], *, compress: bool) -> None:
    if not compress:
        file.writelines(line.encode("utf-8") for line in lines)
        return
    # No name and no time inside, so that equal pairs give equal bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.writelines(line.encode("utf-8") for line in lines)
