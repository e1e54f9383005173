"""The rows that a task reads, whatever the format of their file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.reading_report import ReadingReport
from training.data.splits import Row


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


def collect_rows(
    rows: Iterable[Row], file: DataFile, report: ReadingReport, kind: RowKind, advice: str = ""
) -> tuple[list[Row], ReadingReport]:
    """Return all rows of a reader, and its report with their number.

    Args:
        rows: yielded by the reader, which counts in `report`.
        file: the file that is read.
        report: of the reader.
        kind: expected content.
        advice: end of the error message, such as `select_advice`.

    Raises:
        NoRowsError: there is no row.
    """
    found = list(rows)
    report.kept = len(found)
    require_rows(file, report, kind, advice)
    return found, report


def select_advice(kind: RowKind, places: str) -> str:
    """Return the advice to select others of `places`: the columns of a table, the keys of objects."""
    options = " and ".join(f"--{feature}-column" for feature in kind.features)
    return f" Use {options} to select other {places}."


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
