"""Reader of delimited tables with any column names and any common delimiter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, islice
from pathlib import Path

from training.data.column_selection import ColumnSelection
from training.data.data_file import DataFile, data_file
from training.data.reading_report import ReadingReport
from training.data.row_kind import NoRowsError, RowKind, collect_rows, select_advice
from training.data.splits import Row
from training.data.table_format import DELIMITERS, compared, detect_format
from training.data.text_lines import read_lines, without_breaks

_OTHER_NUMBER = "number of columns differs from the first line"
_EMPTY_LINE = "empty line"
_ORDINALS = ("first", "second", "third", "fourth")
_ONE_COLUMN = f" Only one column was found; supported delimiters: {', '.join(DELIMITERS.values())}."

Record = tuple[int, list[str]]  # line and fields


def read_table(
    path: DataFile | Path | str,
    kind: RowKind,
    columns: Mapping[str, str | None] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> tuple[list[Row], ReadingReport]:
    """Read a table.

    The format is detected, see `detect_format`; the columns are selected, see `ColumnSelection`.

    Fields are stripped, and line breaks and tabs inside are replaced by spaces. Rows with an empty field or
    another number of columns are skipped and counted.

    Args:
        path: the file; gzip by its name (".gz") or first bytes.
        kind: expected content.
        columns: feature → name of its column; None or missing for the choice of `ColumnSelection`.
        aliases: feature → another name of its column.

    Returns:
        rows: fields of the features, in file order.
        report: rows read, skipped by reason and kept, and the detected format.

    Raises:
        DataError: no such file, not text, unclosed quotes, a missing or ambiguous column, or no usable row.
    """
    file = data_file(path)
    report = ReadingReport(file.name, "rows", result="rows")
    rows = table_rows(file, kind, report, columns, aliases)
    return collect_rows(rows, file, report, kind, select_advice(kind, "columns"))


def table_rows(
    file: DataFile,
    kind: RowKind,
    report: ReadingReport,
    columns: Mapping[str, str | None] | None = None,
    aliases: Mapping[str, str] | None = None,
    sample: int | None = None,
) -> Iterator[Row]:
    """Yield the rows one by one, see `read_table`.

    Args:
        sample: number of lines from which format and header are detected; None to read all lines first.
    """
    named = {feature: name for feature, name in (columns or {}).items() if name is not None}
    lines = read_lines(file, kind.expected, report)
    head = list(islice(lines, sample))
    whole = _whole_records(head) if sample == len(head) else head
    written = detect_format(file, whole, list(named.values()) or kind.features, len(kind.features))
    records = (
        (number, [without_breaks(field) for field in record])
        for number, record in written.checked_records(file, chain(head, lines))
    )
    first = _first_filled(records, report)
    if first is None:
        raise NoRowsError(f"{file}: the file is empty; expected {kind.expected}")
    choice = ColumnSelection(file, kind, first[1], named, aliases or {}, hint=_ONE_COLUMN)
    places = choice.places()
    table = _Table(choice, places, written.delimiter, report)
    rows = table.usable(records)
    known = list(islice(rows, sample))
    names = choice.first
    if not choice.has_names and _is_row(first[1], places, kind, known):
        known = table.with_first(first, known)
        names = []
    report.form = f"{written}; {choice.described(places, names)}"
    numbers = report.numbers[:]
    del report.numbers[:]
    for number, row in zip(numbers, known, strict=True):
        report.numbers.append(number)
        yield row
    yield from rows
    table.note_further()


def _whole_records(lines: list[str]) -> list[str]:
    """Return the lines without a quoted record that goes on after them: to an even number of quotes."""
    counts = list(accumulate(line.count('"') for line in lines))
    even = [place for place, count in enumerate(counts, start=1) if count % 2 == 0]
    return lines[: even[-1]] if even else lines


def _first_filled(records: Iterator[Record], report: ReadingReport) -> Record | None:
    for number, record in records:
        if any(record):
            return number, record
        report.read += 1
        report.skip(_EMPTY_LINE, number, "")
    return None


class _Table:
    """The records of a table, once its columns are selected."""

    def __init__(
        self, choice: ColumnSelection, places: Sequence[int], delimiter: str, report: ReadingReport
    ) -> None:
        self._choice, self._kind, self._places = choice, choice.kind, places
        self._delimiter, self._report = delimiter, report
        # 0 if it may vary.
        self._width = 0 if self._kind.further else len(choice.first)
        self._further_rows = 0

    def usable(self, records: Iterable[Record]) -> Iterator[Row]:
        """Yield the rows, and count and report the others."""
        for number, record in records:
            self._report.read += 1
            reason = self._why_skip(record)
            if reason:
                self._report.skip(reason, number, self._delimiter.join(record))
            else:
                self._further_rows += self._kind.further and len(record) > len(self._kind.features)
                self._report.numbers.append(number)
                yield tuple(record[place] for place in self._places)

    def with_first(self, first: Record, rows: list[Row]) -> list[Row]:
        """Return the rows with the first record, which is no header, before them."""
        numbers = self._report.numbers[:]
        del self._report.numbers[:]
        rows = [*self.usable([first]), *rows]
        self._report.numbers.extend(numbers)
        return rows

    def note_further(self) -> None:
        """Note rows with more columns than features, in a table without a header."""
        count = self._further_rows
        if not count or self._choice.has_names:
            return
        used = len(self._kind.features)
        numbers = {2: "two", 3: "three", 4: "four"}
        rows = "1 row has" if count == 1 else f"{count:,} rows have"
        number = numbers.get(used, str(used))
        self._report.notes.append(f"{rows} more than {number} columns; only the first {number} are used")

    def _why_skip(self, record: list[str]) -> str:
        if not any(record):
            return _EMPTY_LINE
        if self._width and len(record) != self._width:
            return _OTHER_NUMBER
        if len(record) <= max(self._places):
            missing = _ORDINALS[len(record)] if len(record) < len(_ORDINALS) else f"{len(record) + 1}th"
            return f"missing {missing} column (no {DELIMITERS[self._delimiter]})"
        for feature, place in zip(self._kind.features, self._places, strict=True):
            if not record[place]:
                return f"empty {feature}"
        return ""


def _is_row(first: list[str], places: Sequence[int], kind: RowKind, rows: Sequence[Row]) -> bool:
    """Whether the first record is a row: always without a repeating feature, else if its value recurs."""
    if not kind.repeating:
        return True
    place = kind.features.index(kind.repeating)
    value = compared(first[places[place]])
    return all(first) and any(compared(row[place]) == value for row in rows)
