"""Reader of plain text, documents separated by empty lines."""

from __future__ import annotations

from collections.abc import Iterator

from training.data.data_file import DataFile
from training.data.reading_report import ReadingReport
from training.data.row_kind import NoRowsError, RowKind, collect_rows
from training.data.splits import Row
from training.data.text_lines import read_lines, without_breaks


def read_document_rows(file: DataFile, kind: RowKind) -> tuple[list[Row], ReadingReport]:
    """Read the lines between empty lines as a row of one feature, joined by spaces.

    A line of whitespace is empty. The end of a file ends its last document. Empty lines before the first
    document are counted as skipped.

    Args:
        file: plain or gzip.
        kind: expected content, of one feature.

    Raises:
        DataError: the file cannot be read, or has no text.
    """
    report = ReadingReport(file.name, "lines", result="rows")
    report.form = "plain text, documents separated by empty lines"
    return collect_rows(_rows(file, kind, report), file, report, kind)


def _rows(file: DataFile, kind: RowKind, report: ReadingReport) -> Iterator[Row]:
    lines: list[str] = []
    for number, line in enumerate(read_lines(file, kind.expected, report), start=1):
        report.read += 1
        text = without_breaks(line)
        if text:
            if not lines:
                report.numbers.append(number)
            lines.append(text)
        elif lines:
            yield (" ".join(lines),)
            lines = []
        elif not report.numbers:
            report.skip("empty line", number, "")
    if lines:
        yield (" ".join(lines),)
    if not report.read:
        raise NoRowsError(f"{file}: the file is empty; expected {kind.expected}")
