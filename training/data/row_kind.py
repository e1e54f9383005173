"""The rows that a task reads, whatever the format of their file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.reading_report import ReadingReport


@dataclass(frozen=True)
class RowKind:
    """Expected content of the files of a task.

    Attributes:
        features: features of a row, e.g. ``("text", "label")``; columns with these names hold them.
        expected: description for error messages.
        repeating: a feature with recurring values, such as a label. A table has no header if the value in
            its first line occurs again below. "" if the first line is a header only with the names of the
            features or the given names.
        further: whether the rows of a table without a header may have further columns, which are ignored.
    """

    features: tuple[str, ...]
    expected: str
    repeating: str = ""
    further: bool = False


class Languages(NamedTuple):
    """Source and target language as canonical BCP 47 tags."""

    source: str
    target: str


class NoRowsError(DataError):
    """A file has no usable row."""


def require_rows(file: DataFile | str, report: ReadingReport, kind: RowKind, advice: str = "") -> None:
    """Raise `NoRowsError` with the skipped counts and the advice if no row was kept."""
    if report.kept:
        return
    if not report.read:
        raise NoRowsError(f"{file} has a header but no rows; expected {kind.expected}")
    raise NoRowsError(
        f"{file}: no usable row among {report.read:,} ({report.reasons()}); "
        f"{report.form}. Expected {kind.expected}{advice}"
    )
