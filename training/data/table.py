"""Reads the user's own tables: rows of text fields under any column names, however columns are parted."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import DataError
from seqapp.text.excerpt import excerpt, excerpts
from training.data.reading_report import ReadingReport
from training.data.splits import Row
from training.data.table_format import DELIMITERS, TableFormat, compared, detect_format
from training.data.text_lines import read_lines, without_breaks

_OTHER_NUMBER = "another number of columns than the first line"
_EMPTY_LINE = "empty line"
_ORDINALS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class TableKind:
    """What is expected of the tables of a task.

    Attributes:
        features: what each row holds, e.g. ``("text", "label")``; columns of these names are known by them.
        expected: in words, for messages.
        repeating: a feature whose values come again and again, such as a label. A file without a line of
            names is known by it: the value of its first line occurs again below. "" where only a line
            that has the features' names, or names asked for, is one of names.
        further: rows may have further columns, of which nothing is asked.
    """

    features: tuple[str, ...]
    expected: str
    repeating: str = ""
    further: bool = False


def read_table(
    path: Path | str, kind: TableKind, columns: Mapping[str, str | None] | None = None
) -> tuple[list[Row], ReadingReport]:
    """Reads a table, row by row.

    How it is written is found out, see `detect_format`. Which columns are used: those that `columns` names;
    otherwise those that are called like the features; otherwise, in a file that has as many columns as
    there are features, or further ones that `kind` allows, the first ones in the features' order. If all
    but one are known, and one column is left, it is that. Names are compared as spelt, then after NFC, with
    blanks joined and whatever their case.

    Blanks at the ends of fields are removed, and line breaks and tabs inside become blanks. Rows with an
    empty field, and with another number of columns, are skipped and counted.

    Args:
        path: the file; gzip when its name ends in ".gz" or its first bytes say so.
        kind: what is expected of it.
        columns: feature → name of its column; None or missing to choose as above.

    Returns:
        rows: of the features' fields, in the file's order.
        report: rows read, skipped by reason, kept, and how the file is written.

    Raises:
        DataError: no such file, not text, quotes that do not close, no such column, two of the name, or no
            telling which, or not one usable row.
    """
    path = Path(path)
    report = ReadingReport(path.name, "rows", result="rows")
    named = {feature: name for feature, name in (columns or {}).items() if name is not None}
    lines = list(read_lines(path, kind.expected, report))
    written = detect_format(path, lines, list(named.values()) or kind.features, len(kind.features))
    records = ([without_breaks(field) for field in record] for record in written.records(lines))
    first = _first_filled(records, report)
    if first is None:
        raise DataError(f"{path}: the file is empty; expected {kind.expected}")
    choice = _Choice(path, kind, first, named, written)
    places = choice.places()
    rows = list(_usable(records, choice, places, report))
    names = first
    if not choice.has_names and _is_row(first, places, kind, rows):
        rows = [*_usable([first], choice, places, report), *rows]
        names = []
    report.form = f"{written}; {choice.described(places, names)}"
    report.kept = len(rows)
    _note_further(choice, report)
    require_rows(path, report, kind)
    return rows, report


def require_rows(path: Path, report: ReadingReport, kind: TableKind) -> None:
    """Raises `DataError` with what was skipped if nothing was kept."""
    if not report.kept:
        options = " ".join(f"--{feature}-column" for feature in kind.features)
        raise DataError(
            f"{path}: no usable row among {report.read:,} ({report.reasons() or 'only column names'}); "
            f"{report.form}. Expected {kind.expected} Other columns are named with {options}."
        )


def _first_filled(records: Iterator[list[str]], report: ReadingReport) -> list[str] | None:
    for record in records:
        if any(record):
            return record
        report.read += 1
        report.skipped[_EMPTY_LINE] += 1
    return None


@dataclass
class _Choice:
    """Which columns hold the features."""

    path: Path
    kind: TableKind
    first: list[str]
    named: Mapping[str, str]
    written: TableFormat
    further_rows: int = 0

    @property
    def has_names(self) -> bool:
        """Whether the first record names the columns for certain."""
        known = {compared(name) for name in self.first}
        return bool(self.named) or {compared(feature) for feature in self.kind.features} <= known

    @property
    def width(self) -> int:
        """Columns that each row must have, 0 where they may differ."""
        return 0 if self.kind.further else len(self.first)

    def described(self, places: Sequence[int], names: Sequence[str]) -> str:
        """Which feature is read from which column, in words; `names` is empty without a line of names."""
        shown = [excerpt(names[place]) if names else f"column {place + 1}" for place in places]
        pairs = zip(self.kind.features, shown, strict=True)
        return ", ".join(f"{feature} from {name}" for feature, name in pairs)

    def places(self) -> list[int]:
        """Place of each feature's column. Raises `DataError`."""
        features = self.kind.features
        if not self.has_names:
            if len(self.first) == len(features) or self.kind.further:
                return list(range(len(features)))
            raise self._undecided(features)
        found = {feature: self._find(feature, name) for feature, name in self.named.items()}
        unknown = []
        for feature in features:
            if feature not in found:
                place = self._place(feature, feature)
                if place is None or place in found.values():
                    unknown.append(feature)
                else:
                    found[feature] = place
        left = [place for place in range(len(self.first)) if place not in found.values()]
        if len(unknown) == 1 and len(left) == 1:
            found[unknown[0]] = left[0]
        elif unknown:
            raise self._undecided(unknown)
        self._check_different(found)
        return [found[feature] for feature in features]

    def _find(self, feature: str, name: str) -> int:
        place = self._place(feature, name)
        if place is not None:
            return place
        near = difflib.get_close_matches(name, self.first, n=1, cutoff=0.5)
        hint = f"; did you mean {excerpt(near[0])}?" if near else "."
        raise DataError(
            f"{self.path}: {feature}_column={excerpt(name)}: the file has no such column; expected one of "
            f"{excerpts(self.first)}{hint}{self._hint_of_one_column()}"
        )

    def _place(self, feature: str, name: str) -> int | None:
        """Place of the only column of a name: as spelt, or else alike. Raises `DataError` for several."""
        spelt = [place for place, column in enumerate(self.first) if column == name.strip()]
        alike = [place for place, column in enumerate(self.first) if compared(column) == compared(name)]
        places = spelt or alike
        if len(places) > 1:
            raise DataError(
                f"{self.path}: {len(places)} columns are called {excerpts([self.first[p] for p in places])}; "
                f"expected one that holds the {feature}. Rename the others, or name another column with "
                f"--{feature}-column."
            )
        return places[0] if places else None

    def _check_different(self, found: Mapping[str, int]) -> None:
        by_place = {place: feature for feature, place in found.items()}
        for feature, place in found.items():
            if by_place[place] != feature:
                raise DataError(
                    f"{self.path}: {feature}_column and {by_place[place]}_column are both "
                    f"{excerpt(self.first[place])}; expected two different ones of {excerpts(self.first)}."
                )

    def _undecided(self, features: Sequence[str]) -> DataError:
        return DataError(
            f"{self.path}: no telling which column holds what: there is none called {' and '.join(features)} "
            f"among {excerpts(self.first)}; expected {len(self.kind.features)} columns, or their names: "
            f"{_options(features)}.{self._hint_of_one_column()}"
        )

    def _hint_of_one_column(self) -> str:
        if len(self.first) > 1:
            return ""
        return f" Only one column was seen; columns may be parted by {', '.join(DELIMITERS.values())}."


def _options(features: Iterable[str]) -> str:
    return " ".join(f"--{feature}-column NAME" for feature in features)


def _usable(
    records: Iterable[list[str]], choice: _Choice, places: Sequence[int], report: ReadingReport
) -> Iterator[Row]:
    for record in records:
        report.read += 1
        reason = _why_skip(record, choice, places)
        if reason:
            report.skipped[reason] += 1
        else:
            choice.further_rows += choice.kind.further and len(record) > len(choice.kind.features)
            yield tuple(record[place] for place in places)


def _why_skip(record: list[str], choice: _Choice, places: Sequence[int]) -> str:
    if not any(record):
        return _EMPTY_LINE
    if choice.width and len(record) != choice.width:
        return _OTHER_NUMBER
    if len(record) <= max(places):
        missing = _ORDINALS[len(record)] if len(record) < len(_ORDINALS) else f"{len(record) + 1}th"
        return f"missing {missing} column (no {DELIMITERS[choice.written.delimiter]})"
    for feature, place in zip(choice.kind.features, places, strict=True):
        if not record[place]:
            return f"empty {feature}"
    return ""


def _is_row(first: list[str], places: Sequence[int], kind: TableKind, rows: Sequence[Row]) -> bool:
    """Whether the first record is a row: without a repeating feature always, else if its value recurs."""
    if not kind.repeating:
        return True
    place = kind.features.index(kind.repeating)
    value = compared(first[places[place]])
    return all(first) and any(compared(row[place]) == value for row in rows)


def _note_further(choice: _Choice, report: ReadingReport) -> None:
    count = choice.further_rows
    if not count or choice.has_names:
        return
    used = len(choice.kind.features)
    numbers = {2: "two", 3: "three", 4: "four"}
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    number = numbers.get(used, str(used))
    report.notes.append(f"{rows} more than {number} columns; the first {number} are used")
