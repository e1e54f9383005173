"""Reader of plain text, one text per line."""

from __future__ import annotations

from collections.abc import Iterator

from training.data.data_file import DataFile
from training.data.reading_report import ReadingReport
from training.data.row_kind import NoRowsError, RowKind, collect_rows
from training.data.splits import Row
from training.data.text_lines import read_lines, without_breaks


def read_line_rows(file: DataFile, kind: RowKind) -> tuple[list[Row], ReadingReport]:
    """Read each line as a row of one feature; empty lines are skipped and counted.

    Args:
        file: plain or gzip.
        kind: expected content, of one feature.

    Raises:
        DataError: the file cannot be read, or has no text.
    """
    report = ReadingReport(file.name, "lines", result="rows")
    report.form = "plain text, one text per line"
    return collect_rows(_rows(file, kind, report), file, report, kind)


def _rows(file: DataFile, kind: RowKind, report: ReadingReport) -> Iterator[Row]:
    for number, line in enumerate(read_lines(file, kind.expected, report), start=1):
        report.read += 1
        text = without_breaks(line)
        if text:
            report.numbers.append(number)
            yield (text,)
        else:
            report.skip("empty line", number, "")
    if not report.read:
        raise NoRowsError(f"{file}: the file is empty; expected {kind.expected}")
