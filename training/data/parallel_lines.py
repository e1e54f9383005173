"""Reader of two parallel files: line N of the target file translates line N of the source file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.reading_report import ReadingReport
from training.data.row_kind import RowKind, require_rows
from training.data.splits import Row
from training.data.text_lines import read_lines, without_breaks

_EXPECTED = "one sentence per line, UTF-8, line N of the target file translating line N of the source file."


def read_parallel(source: DataFile, target: DataFile, kind: RowKind) -> tuple[list[Row], ReadingReport]:
    """Read aligned lines as pairs; a pair with an empty side is skipped and counted.

    Raises:
        DataError: an unreadable file, files with different numbers of lines, or no usable pair.
    """
    report = parallel_report(source, target)
    rows = list(parallel_rows(source, target, report))
    report.kept = len(rows)
    if not report.read:
        raise DataError(f"{source} and {target}: both files are empty; expected {_EXPECTED}")
    require_rows(f"{source} and {target}", report, kind)
    return rows, report


def parallel_report(source: DataFile, target: DataFile) -> ReadingReport:
    """Return an empty report on two parallel files."""
    report = ReadingReport(f"{source.name} + {target.name}", "line pairs")
    report.form = f"parallel lines; source from {source.name}, target from {target.name}"
    return report


def parallel_rows(source: DataFile, target: DataFile, report: ReadingReport) -> Iterator[Row]:
    """Yield the pairs one by one. Raises `DataError` for an unreadable file, or unequal numbers of lines."""
    lines = (read_lines(one, _EXPECTED, report) for one in (source, target))
    counts = [0, 0]
    for number, pair in enumerate(zip_longest(*lines), start=1):
        counts = [count + (line is not None) for count, line in zip(counts, pair, strict=True)]
        if counts[0] != counts[1]:
            continue  # only to count the rest of the longer file
        report.read += 1
        texts = tuple(without_breaks(line) for line in pair)
        empty = [name for name, text in zip(("source", "target"), texts, strict=True) if not text]
        if empty:
            reason = "empty line" if len(empty) == 2 else f"empty {empty[0]}"
            report.skip(reason, number, "\t".join(texts))
        else:
            report.numbers.append(number)
            yield texts
    if counts[0] != counts[1]:
        raise DataError(
            f"{source} has {counts[0]:,} lines and {target} has {counts[1]:,}; expected equally many, line N "
            "of one the translation of line N of the other. Check that both were written by the same export, "
            "and that no text has a line break inside."
        )
