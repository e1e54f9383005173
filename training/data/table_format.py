"""Detection of the format of a table from its content: delimiter and quoting."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from seqapp.errors import DataError
from training.data.data_file import DataFile
from training.data.text_lines import LONGEST_LINE

DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
_SAMPLE = 1000  # records used to detect the delimiter
_MOST = 0.5  # minimum share of records with the same number of columns
_FEW = 5  # fewer records may have the same number of columns by chance
_QUOTE = '"'


@dataclass(frozen=True)
class TableFormat:
    """Delimiter of a table, and whether fields may be in double quotes.

    A quoted field can contain the delimiter, line breaks, and doubled quotes, as written by spreadsheets
    and `pandas.DataFrame.to_csv`.
    """

    delimiter: str
    quoted: bool = False

    def __str__(self) -> str:
        quotes = "double quotes enclose fields" if self.quoted else "quotes are part of the text"
        return f"delimiter: {DELIMITERS[self.delimiter]}; {quotes}"

    def records(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Yield the fields of each record. Raises `csv.Error` for unclosed quotes."""
        return (record for _, record in self.numbered_records(lines))

    def numbered_records(self, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
        """Yield the first line and the fields of each record. Raises `csv.Error` for unclosed quotes."""
        if not self.quoted:
            for number, line in enumerate(lines, start=1):
                yield number, line.rstrip("\r\n").split(self.delimiter)
            return
        with _long_fields():
            reader, number = csv.reader(_cleaned(lines), delimiter=self.delimiter, strict=True), 0
            for record in reader:
                yield number + 1, record
                number = reader.line_num

    def checked_records(
        self, file: DataFile | Path, lines: Iterable[str]
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield as `numbered_records`. Raises `DataError` for a record that is not CSV."""
        number = 0
        try:
            for number, record in self.numbered_records(lines):
                yield number, record
        except csv.Error as error:
            raise _broken(file, number + 1, str(error), self.delimiter) from error


def detect_format(
    path: DataFile | Path, lines: Sequence[str], names: Sequence[str], columns: int
) -> TableFormat:
    """Detect the format of a table.

    The delimiter is the one of the header if the header has `names`. Otherwise it is the tab (in a .csv
    file comma or semicolon), if most records then have the same number of columns; or any delimiter by
    which all records have the same number of columns, and more than one.

    Fields of a tab-separated table are quoted only if the table is not readable otherwise: a quoted field
    contains a tab, a line break or a doubled quote, or all fields are quoted. With other delimiters they are
    quoted if any field begins with a quote.

    Args:
        path: the file name is a hint, and is shown in messages.
        lines: all lines of the table, with line ends.
        names: column names that the first line has if it is a header.
        columns: minimum number of columns.

    Raises:
        DataError: unclosed quotes, or quoted fields with line breaks in a table where quotes are text.
    """
    comma_file = path.name.removesuffix(".gz").lower().endswith(".csv")
    preferred = ",;" if comma_file else "\t"
    order = sorted(DELIMITERS, key=lambda delimiter: delimiter not in preferred)
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    ranks: dict[str, tuple[float, ...]] = {}
    for place, delimiter in enumerate(order):
        found = _agreement(sample, delimiter, columns)
        # A comma in prose is followed by a space.
        prose = sum(line.count(f"{delimiter} ") for line in sample) > len(sample) / 2
        if {compared(name) for name in names} <= {compared(name) for name in _first(sample, delimiter)}:
            ranks[delimiter] = (0, place)
        elif found.share > _MOST and delimiter in f"{preferred}\t":
            ranks[delimiter] = (1, -found.share, abs(found.width - columns), prose, place)
        elif found.share == 1 and found.records >= _FEW:
            ranks[delimiter] = (2, abs(found.width - columns), prose, place)
    delimiter = min(ranks, key=ranks.__getitem__) if ranks else preferred[0]
    return TableFormat(delimiter, _is_quoted(path, lines, delimiter))


def compared(name: str) -> str:
    """Return the key to compare column names and labels: NFC, whitespace collapsed, case-folded."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


class _Agreement(NamedTuple):
    """Agreement of the records on a number of columns."""

    share: float = 0.0
    width: int = 0
    records: int = 0


def _first(sample: Sequence[str], delimiter: str) -> list[str]:
    """Return the fields of the first record, quoted or not."""
    with _long_fields(), suppress(csv.Error):
        return next(csv.reader(_cleaned(sample), delimiter=delimiter), [])
    return []


def _agreement(sample: Sequence[str], delimiter: str, columns: int) -> _Agreement:
    """Return the better agreement of the plain and the quoted reading; none with too few columns."""
    found = [_Agreement()]
    for quoted in (False, True):
        widths: Counter[int] = Counter()
        with suppress(csv.Error):  # the sample may end inside a record
            for record in TableFormat(delimiter, quoted).records(sample):
                widths[len(record)] += 1
        width = widths.most_common(1)[0][0] if widths else 0
        if width >= columns:
            found.append(_Agreement(_share(widths), width, widths.total()))
    return max(found, key=lambda agreement: (agreement.share, agreement.records))


def _is_quoted(path: DataFile | Path, lines: Sequence[str], delimiter: str) -> bool:
    if not any(line.startswith(_QUOTE) or delimiter + _QUOTE in line for line in lines):
        return False
    plain = Counter(len(line.split(delimiter)) for line in lines if line.strip())
    found = _read_quoted(lines, delimiter, plain.most_common(1)[0][0])
    if delimiter != "\t":
        if found.fault:
            raise _broken(path, found.line, found.fault, delimiter)
        return True
    likely = found.sure or (not found.doubtful and _share(found.widths) > _share(plain))
    if found.fault or (likely and found.bare):
        _refuse_torn(path, lines, delimiter, plain, found)
        return False
    return likely or _all_quoted(lines, delimiter)


class _Quoted(NamedTuple):
    """Result of reading a whole table as quoted.

    Attributes:
        widths: number of columns → non-empty records.
        sure: a quoted field contains a doubled quote or a line break, or the first record is fully quoted.
        doubtful: a record of several lines consists of complete rows in the plain reading, so that two
            stray quotes may have joined them.
        bare: an unquoted field contains a quote, which no CSV writer produces.
        fault: message of the csv module, "" for none.
        line: line where reading ended.
    """

    widths: Counter[int]
    sure: bool
    doubtful: bool
    bare: bool
    fault: str
    line: int


def _read_quoted(lines: Sequence[str], delimiter: str, usual: int) -> _Quoted:
    widths: Counter[int] = Counter()
    sure = _all_quoted(lines[:1], delimiter)
    doubtful, bare, fault, before = False, False, "", 0
    with _long_fields():
        reader = csv.reader(_cleaned(lines), delimiter=delimiter, strict=True)
        try:
            for record in reader:
                widths[len(record)] += any(record)
                span = lines[before : reader.line_num]
                before = reader.line_num
                if len(span) > 1:
                    whole = all(line.count(delimiter) + 1 == usual for line in span if line.strip())
                    sure, doubtful = sure or not whole, doubtful or whole
                for field in record:
                    if _QUOTE in field:
                        doubled = field.replace(_QUOTE, _QUOTE * 2) in "".join(_cleaned(span))
                        sure, bare = sure or doubled, bare or not doubled
        except csv.Error as error:
            fault = str(error)
        return _Quoted(widths, sure, doubtful, bare, fault, reader.line_num)


def _share(widths: Counter[int]) -> float:
    return max(widths.values(), default=0) / max(1, widths.total())


def _all_quoted(lines: Sequence[str], delimiter: str) -> bool:
    return all(
        len(field) > 1 and field.startswith(_QUOTE) and field.endswith(_QUOTE)
        for line in lines
        if line.strip()
        for field in line.rstrip("\r\n").split(delimiter)
    )


def _refuse_torn(
    path: DataFile | Path, lines: Sequence[str], delimiter: str, plain: Counter[int], found: _Quoted
) -> None:
    """Raise `DataError` if a line with an unclosed quote, or the next line, is an incomplete row."""
    usual = plain.most_common(1)[0][0]
    fault = f" ({found.fault})" if found.fault else ""
    for number, line in enumerate(lines[:-1]):
        fields = line.rstrip("\r\n").split(delimiter)
        if not _left_open(fields[-1]):
            continue
        following = lines[number + 1].rstrip("\r\n").split(delimiter)
        if len(fields) != usual or len(following) != usual:
            raise DataError(
                f"{path}: line {number + 1:,} begins a quoted field that continues in the next line, but "
                f"elsewhere quotes are text{fault}. Write the file with a CSV library (all such fields "
                "quoted, inner quotes doubled), or remove the line breaks from its texts."
            )


def _left_open(field: str) -> bool:
    """Whether a field begins with an unclosed quote."""
    return field.startswith(_QUOTE) and field.count(_QUOTE) % 2 == 1


def _broken(path: DataFile | Path, line: int, fault: str, delimiter: str) -> DataError:
    name = DELIMITERS[delimiter]
    return DataError(
        f"{path}: line {line:,} or the row that ends there is not CSV: {fault}. Expected {name}s between "
        f"fields, and fields with {name}s, quotes or line breaks in double quotes: "
        '"so ""good"", yes". '
        "An unclosed quote extends to the end of the file; where quotes are text, separate columns by tabs."
    )


def _cleaned(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines that end in LF, without lone CRs, which would end a line for the csv module."""
    return (line.replace("\r\n", "\n").replace("\r", " ") for line in lines)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Raise the field limit of the csv module (131,072 characters) to the maximum line length."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)
