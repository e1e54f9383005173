"""Validation and test rows of files of their own, beside training rows on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from seqapp.errors import DataError
from training.data.own_files import OwnFiles
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles
from training.data.shards.stored_data import StoredData
from training.data.splits import Pair, Row, source_key


class GivenParts(NamedTuple):
    """The rows of validation and test files, in memory.

    Fields:
        valid, test: rows; none without a file.
        lines: report of reading.
    """

    valid: list[Pair]
    test: list[Pair]
    lines: list[str]

    @property
    def withheld(self) -> set[str]:
        """Keys of the sources, which are removed from training."""
        return {source_key(source) for source, _ in (*self.valid, *self.test)}


def read_given(
    files: OwnFiles, read: Callable[[RowFiles], tuple[list[Pair], ReadingReport]]
) -> GivenParts:
    """Read the validation and test files that are given. Raises `DataError`: an unreadable file."""
    rows: dict[str, list[Pair]] = {"valid": [], "test": []}
    lines: list[str] = []
    for part in rows:
        given = files.parts[part]
        if given is not None:
            rows[part], report = read(given)
            lines += report.lines()
    return GivenParts(**rows, lines=lines)


def held_out_shares(files: OwnFiles, share: float) -> tuple[float, float]:
    """Return the shares of the sources for test and for validation: 0 for a part with a file of its own."""
    return 0.0 if files.test else share, 0.0 if files.valid else share


def report_lines(stored: StoredData, given: GivenParts, feature: str) -> list[str]:
    """Return the report of reading all files; `feature` is what no two parts share."""
    lines = [*stored.lines, *given.lines]
    if stored.removed:
        lines.append(f"  removed from training {stored.removed:,}: {feature} is also held out")
    return lines


def require_filled(data: RowFiles, parts: Mapping[str, Sequence[Row]], rows: str) -> None:
    """Raise `DataError` for a part without rows; `rows` is the plural noun of what they are."""
    for name, part in parts.items():
        if not part:
            raise DataError(
                f"{data}: no {name} {rows} are left beside those held out; give more {rows}, or other "
                "--valid and --test files"
            )
