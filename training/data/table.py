"""Reader of delimited tables with any column names and any common delimiter."""

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

_OTHER_NUMBER = "number of columns differs from the first line"
_EMPTY_LINE = "empty line"
_ORDINALS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class TableKind:
    """Expected content of the tables of a task.

    Attributes:
        features: features of a row, e.g. ``("text", "label")``; columns with these names hold them.
        expected: description for error messages.
        repeating: a feature with recurring values, such as a label. A file has no header if the value in
            its first line occurs again below. "" if the first line is a header only with the names of the
            features or the given names.
        further: whether rows may have further columns, which are ignored.
    """

    features: tuple[str, ...]
    expected: str
    repeating: str = ""
    further: bool = False


def read_table(
    path: Path | str, kind: TableKind, columns: Mapping[str, str | None] | None = None
) -> tuple[list[Row], ReadingReport]:
    """Read a table.

    The format is detected, see `detect_format`. Columns are selected by the names in `columns`; else by the
    names of the features; else, in a file with as many columns as features (or more, if `kind` allows), in
    the order of the features. If all columns but one are found and one is left, that one is used. Names are
    compared exactly, then after NFC, whitespace collapsing and case folding.

    Fields are stripped, and line breaks and tabs inside are replaced by spaces. Rows with an empty field or
    another number of columns are skipped and counted.

    Args:
        path: the file; gzip by its name (".gz") or first bytes.
        kind: expected content.
        columns: feature → name of its column; None or missing for the choice above.

    Returns:
        rows: fields of the features, in file order.
        report: rows read, skipped by reason and kept, and the detected format.

    Raises:
        DataError: no such file, not text, unclosed quotes, a missing or ambiguous column, or no usable row.
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
    choice = _ColumnSelection(path, kind, first, named, written)
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
    """Raise `DataError` with the skipped counts if no row was kept."""
    if not report.kept:
        options = " and ".join(f"--{feature}-column" for feature in kind.features)
        if not report.read:
            raise DataError(f"{path} has a header but no rows; expected {kind.expected}")
        raise DataError(
            f"{path}: no usable row among {report.read:,} ({report.reasons()}); "
            f"{report.form}. Expected {kind.expected} Use {options} to select other columns."
        )


def _first_filled(records: Iterator[list[str]], report: ReadingReport) -> list[str] | None:
    for record in records:
        if any(record):
            return record
        report.read += 1
        report.skipped[_EMPTY_LINE] += 1
    return None


@dataclass
class _ColumnSelection:
    """Selection of the columns that hold the features."""

    path: Path
    kind: TableKind
    first: list[str]
    named: Mapping[str, str]
    written: TableFormat
    further_rows: int = 0

    @property
    def has_names(self) -> bool:
        """Whether the first record is certainly a header."""
        known = {compared(name) for name in self.first}
        return bool(self.named) or {compared(feature) for feature in self.kind.features} <= known

    @property
    def width(self) -> int:
        """Required number of columns, 0 if it may vary."""
        return 0 if self.kind.further else len(self.first)

    def described(self, places: Sequence[int], names: Sequence[str]) -> str:
        """Describe which column each feature is read from; `names` is empty without a header."""
        shown = [excerpt(names[place]) if names else f"column {place + 1}" for place in places]
        pairs = zip(self.kind.features, shown, strict=True)
        return ", ".join(f"{feature} from {name}" for feature, name in pairs)

    def places(self) -> list[int]:
        """Return the column index of each feature. Raises `DataError`."""
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
            f"{self.path}: --{feature}-column {excerpt(name)}: no such column; expected one of "
            f"{excerpts(self.first)}{hint}{self._hint_of_one_column()}"
        )

    def _place(self, feature: str, name: str) -> int | None:
        """Return the index of the named column, exact before similar. Raises `DataError` for several."""
        spelt = [place for place, column in enumerate(self.first) if column == name.strip()]
        alike = [place for place, column in enumerate(self.first) if compared(column) == compared(name)]
        places = spelt or alike
        if len(places) > 1:
            raise DataError(
                f"{self.path}: {len(places)} columns are called {excerpts([self.first[p] for p in places])}; "
                f"expected one for the {feature}. Rename the others, or use --{feature}-column."
            )
        return places[0] if places else None

    def _check_different(self, found: Mapping[str, int]) -> None:
        by_place = {place: feature for feature, place in found.items()}
        for feature, place in found.items():
            if by_place[place] != feature:
                raise DataError(
                    f"{self.path}: --{feature}-column and --{by_place[place]}-column are both "
                    f"{excerpt(self.first[place])}; expected two different columns of {excerpts(self.first)}"
                )

    def _undecided(self, features: Sequence[str]) -> DataError:
        return DataError(
            f"{self.path}: cannot tell which column is the {' and which the '.join(features)}: columns are "
            f"{excerpts(self.first)}. Use {_options(features)}.{self._hint_of_one_column()}"
        )

    def _hint_of_one_column(self) -> str:
        if len(self.first) > 1:
            return ""
        return f" Only one column was found; supported delimiters: {', '.join(DELIMITERS.values())}."


def _options(features: Iterable[str]) -> str:
    return " and ".join(f"--{feature}-column" for feature in features)


def _usable(
    records: Iterable[list[str]], choice: _ColumnSelection, places: Sequence[int], report: ReadingReport
) -> Iterator[Row]:
    for record in records:
        report.read += 1
        reason = _why_skip(record, choice, places)
        if reason:
            report.skipped[reason] += 1
        else:
            choice.further_rows += choice.kind.further and len(record) > len(choice.kind.features)
            yield tuple(record[place] for place in places)


def _why_skip(record: list[str], choice: _ColumnSelection, places: Sequence[int]) -> str:
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
    """Whether the first record is a row: always without a repeating feature, else if its value recurs."""
    if not kind.repeating:
        return True
    place = kind.features.index(kind.repeating)
    value = compared(first[places[place]])
    return all(first) and any(compared(row[place]) == value for row in rows)


def _note_further(choice: _ColumnSelection, report: ReadingReport) -> None:
    count = choice.further_rows
    if not count or choice.has_names:
        return
    used = len(choice.kind.features)
    numbers = {2: "two", 3: "three", 4: "four"}
    rows = "1 row has" if count == 1 else f"{count:,} rows have"
    number = numbers.get(used, str(used))
    report.notes.append(f"{rows} more than {number} columns; only the first {number} are used")
