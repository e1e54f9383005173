"""The user's own labelled texts: a TSV or CSV file with any column names, plain or .gz, in UTF-8."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from seqapp.errors import DataError
from seqapp.text.label_cells import split_labels
from training.data.reading_report import ReadingReport
from training.data.splits import Pair
from training.data.text_lines import BREAKS, read_lines

TEXT, LABEL = "text", "label"

_FORMAT = (
    "columns parted by tabs (by commas in a .csv file), their names in the first line, in UTF-8, "
    "for example: text<TAB>label"
)
_OTHER_NUMBER = "another number of columns than the first line"
_EMPTY_LINE = "empty line"


class _Columns(NamedTuple):
    """Where the text and the label stand."""

    text: int
    label: int


def read_labelled(
    path: Path | str,
    text_column: str | None = None,
    label_column: str | None = None,
    *,
    separator: str = "",
) -> tuple[list[Pair], ReadingReport]:
    """Reads labelled texts, row by row.

    A file named .csv or .csv.gz is parted by commas, with fields in double quotes where they hold
    commas, quotes (doubled) or line breaks; any other is parted by tabs and knows no quotes. The
    first line names the columns; only in a file of two columns may it be missing: where its second
    column occurs again below, it is a row like the others.

    Which columns are used: those named by the arguments, whatever their case; otherwise `text` and
    `label` where the file has both; otherwise the first and the second of exactly two. With one
    argument of the two, the other column is the one called so, or the other of exactly two.

    A label is a string, numbers too. Blanks at the ends of texts and labels are removed, and line
    breaks and tabs inside become blanks. Rows with an empty text or label, or with more or fewer
    columns than the first line, are skipped and counted; repeated rows are kept.

    Args:
        path: the file; gzip when its name ends in ".gz".
        text_column, label_column: names from the first line; None chooses as above.
        separator: what stands between the labels of a row; "" for one label a row.

    Returns:
        rows: `(text, label)` in the file's order, several labels still one string.
        report: rows read, skipped by reason, kept.

    Raises:
        DataError: no such file, not UTF-8, not gzip, quotes that do not close, no such column or
            no telling which, or not one usable row.
    """
    path = Path(path)
    report = ReadingReport(path.name, "rows", result="texts")
    rows = _rows(path)
    header = next((row for row in rows if any(row)), None)
    if header is None:
        raise DataError(f"{path}: the file is empty; expected {_FORMAT}")
    columns = _choose(path, header, text_column, label_column)
    found = list(_usable(rows, len(header), columns, separator, report))
    if len(header) == 2 and not (text_column or label_column) and not _is_header(header, columns, found):
        report.read += 1
        found.insert(0, (header[columns.text], header[columns.label]))
        report.notes.append("no column names in the first line; text and label are taken to be in that order")
    report.kept = len(found)
    if not found:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in report.skipped.most_common())
        raise DataError(
            f"{path}: no usable row among {report.read:,} ({reasons or 'only column names'}) with the "
            f"text in {header[columns.text]!r} and the label in {header[columns.label]!r}; expected "
            f"{_FORMAT}. Name other columns with --text-column and --label-column."
        )
    return found, report


def _usable(
    rows: Iterable[list[str]], width: int, columns: _Columns, separator: str, report: ReadingReport
) -> Iterator[Pair]:
    for row in rows:
        report.read += 1
        reason = _why_skip(row, width, columns, separator)
        if reason:
            report.skipped[reason] += 1
        else:
            yield row[columns.text], row[columns.label]


def _why_skip(row: list[str], width: int, columns: _Columns, separator: str) -> str:
    if not any(row):
        return _EMPTY_LINE
    if len(row) != width:
        return _OTHER_NUMBER
    if not row[columns.text]:
        return "empty text"
    return "" if split_labels(row[columns.label], separator) and row[columns.label] else "empty label"


def _rows(path: Path) -> Iterator[list[str]]:
    """Yields the fields of each row, without blanks at their ends and breaks inside."""
    lines = read_lines(path, _FORMAT)
    if path.name.removesuffix(".gz").lower().endswith(".csv"):
        fields: Iterable[list[str]] = _comma_separated(path, lines)
    else:
        fields = (line.rstrip("\r\n").split("\t") for line in lines)
    for row in fields:
        yield [field.translate(BREAKS).strip() for field in row]


def _comma_separated(path: Path, lines: Iterator[str]) -> Iterator[list[str]]:
    reader = csv.reader(lines, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise DataError(
            f"{path}: line {reader.line_num:,} or the row that ends there is not CSV: {error}. Expected "
            "commas between fields, and fields with commas, quotes or line breaks in double quotes: "
            '"so ""good"", yes". '
            "A quote that is never closed swallows all that follows; a file without any quoting is a .tsv."
        ) from error


def _choose(path: Path, header: list[str], text: str | None, label: str | None) -> _Columns:
    if text is not None and label is not None:
        columns = _Columns(_find(path, header, TEXT, text), _find(path, header, LABEL, label))
    elif text is not None:
        place = _find(path, header, TEXT, text)
        columns = _Columns(place, _other(path, header, LABEL, place))
    elif label is not None:
        place = _find(path, header, LABEL, label)
        columns = _Columns(_other(path, header, TEXT, place), place)
    else:
        names = [name.casefold() for name in header]
        if TEXT in names and LABEL in names:
            columns = _Columns(names.index(TEXT), names.index(LABEL))
        elif len(header) == 2:
            columns = _Columns(0, 1)
        else:
            raise _undecided(path, header, f"{TEXT} and {LABEL}")
    if columns.text == columns.label:
        raise DataError(
            f"{path}: text_column and label_column are both {header[columns.text]!r}; expected two different "
            f"ones of {_list(header)}."
        )
    return columns


def _find(path: Path, header: list[str], what: str, name: str) -> int:
    """Returns the place of a column: as spelt, or the only one that differs in nothing but case."""
    if name in header:
        return header.index(name)
    alike = [place for place, column in enumerate(header) if column.casefold() == name.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(name, header, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise DataError(
        f"{path}: {what}_column={name!r}: the file has no such column; expected one of {_list(header)}{hint}"
        f"{_hint_of_one_column(header)}"
    )


def _other(path: Path, header: list[str], what: str, taken: int) -> int:
    names = [name.casefold() for name in header]
    if what in names and names.index(what) != taken:
        return names.index(what)
    if len(header) == 2:
        return 1 - taken
    raise _undecided(path, header, what)


def _undecided(path: Path, header: list[str], wanted: str) -> DataError:
    return DataError(
        f"{path}: no telling which column holds what: there is none called {wanted} among "
        f"{_list(header)}; expected two columns, or their names: --text-column NAME --label-column NAME."
        f"{_hint_of_one_column(header)}"
    )


def _hint_of_one_column(header: list[str]) -> str:
    if len(header) > 1:
        return ""
    return " Only one column was seen: .csv files are parted by commas, all others by tabs."


def _list(header: list[str]) -> str:
    return ", ".join(repr(name) for name in header)


def _is_header(first: list[str], columns: _Columns, rows: list[Pair]) -> bool:
    """Says whether the first line names columns: a label occurs again, the name of a column does not."""
    names = {first[columns.text].casefold(), first[columns.label].casefold()}
    label = first[columns.label]
    return names == {TEXT, LABEL} or not all(first) or all(found != label for _, found in rows)
