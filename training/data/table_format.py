"""How a table is written: what parts its columns, and whether fields are quoted; found from its content."""

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
from training.data.text_lines import LONGEST_LINE

DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
_SAMPLE = 1000  # records that the delimiter is chosen by
_MOST = 0.5  # of the records must have the same number of columns
_FEW = 5  # records that may have the same number of columns by chance
_QUOTE = '"'


@dataclass(frozen=True)
class TableFormat:
    """What parts the columns of a table, and whether fields may stand in double quotes.

    A quoted field can hold the delimiter, line breaks, and quotes written twice, as spreadsheets and
    `pandas.DataFrame.to_csv` write them.
    """

    delimiter: str
    quoted: bool = False

    def __str__(self) -> str:
        quotes = "fields in double quotes where needed" if self.quoted else "quotes are part of the text"
        return f"columns parted by {DELIMITERS[self.delimiter]}s; {quotes}"

    def records(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Yields the fields of each record. Raises `csv.Error` where quotes do not close."""
        if not self.quoted:
            yield from (line.rstrip("\r\n").split(self.delimiter) for line in lines)
            return
        with _long_fields():
            yield from csv.reader(_cleaned(lines), delimiter=self.delimiter, strict=True)


def detect_format(path: Path, lines: Sequence[str], names: Sequence[str], columns: int) -> TableFormat:
    """Finds out how a table is written.

    The delimiter is that of the line with the columns' names, where it has `names`. Without, it is the
    tab, or in a file named .csv comma or semicolon, if most records then have the same number of columns;
    or any delimiter by which all records have the same number, and more than one.

    Fields of a table that is parted by tabs are quoted if that alone makes sense of it: a field in quotes
    holds a tab, a line break or a quote written twice, or all fields are in quotes. With other delimiters
    they are quoted if any field begins with a quote.

    Args:
        path: for its name, a hint only, and for messages.
        lines: all of the table, with their ends.
        names: that the first line has if it names columns.
        columns: the least number of columns.

    Raises:
        DataError: quotes that do not close, or records that only quotes could hold together, among
            others in which quotes are text.
    """
    comma_file = path.name.removesuffix(".gz").lower().endswith(".csv")
    preferred = ",;" if comma_file else "\t"
    order = sorted(DELIMITERS, key=lambda delimiter: delimiter not in preferred)
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    ranks: dict[str, tuple[float, ...]] = {}
    for place, delimiter in enumerate(order):
        found = _agreement(sample, delimiter, columns)
        # A comma of a sentence is followed by a blank.
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
    """What two names of columns, or two labels, are compared by: NFC, blanks joined, case folded."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


class _Agreement(NamedTuple):
    """How well records agree on a number of columns."""

    share: float = 0.0
    width: int = 0
    records: int = 0


def _first(sample: Sequence[str], delimiter: str) -> list[str]:
    """Fields of the first record, quoted or not."""
    with _long_fields(), suppress(csv.Error):
        return next(csv.reader(_cleaned(sample), delimiter=delimiter), [])
    return []


def _agreement(sample: Sequence[str], delimiter: str, columns: int) -> _Agreement:
    """Of the plain or the quoted reading, whichever agrees more; nothing where the columns are too few."""
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


def _is_quoted(path: Path, lines: Sequence[str], delimiter: str) -> bool:
    if not any(line.startswith(_QUOTE) or delimiter + _QUOTE in line for line in lines):
        return False
    plain = Counter(len(line.split(delimiter)) for line in lines if line.strip())
    found = _read_quoted(lines, delimiter, plain.most_common(1)[0][0])
    if delimiter != "\t":
        if found.fault:
            raise _broken(path, found.line, found.fault, delimiter)
        return True
    speaks_for = found.sure or (not found.doubtful and _share(found.widths) > _share(plain))
    if found.fault or (speaks_for and found.bare):
        _refuse_torn(path, lines, delimiter, plain, found)
        return False
    return speaks_for or _all_quoted(lines, delimiter)


class _Quoted(NamedTuple):
    """What came of reading a whole table as quoted.

    Attributes:
        widths: number of columns → records that are not empty.
        sure: a quoted field holds a quote, written twice, or a line break, or the first record is quoted
            throughout.
        doubtful: a record of several lines is as many whole rows in the plain reading: two stray quotes
            may have made it one.
        bare: a field that is not quoted holds a quote, as no writer that quotes leaves it.
        fault: of the csv module, "" if all was read.
        line: where reading ended.
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
    path: Path, lines: Sequence[str], delimiter: str, plain: Counter[int], found: _Quoted
) -> None:
    """Raises `DataError` where a line that leaves a quote open, or the next one, is half a row."""
    usual = plain.most_common(1)[0][0]
    fault = f" ({found.fault})" if found.fault else ""
    for number, line in enumerate(lines[:-1]):
        fields = line.rstrip("\r\n").split(delimiter)
        if not _left_open(fields[-1]):
            continue
        following = lines[number + 1].rstrip("\r\n").split(delimiter)
        if len(fields) != usual or len(following) != usual:
            raise DataError(
                f"{path}: line {number + 1:,} begins a field in quotes that goes on in the next line, but "
                f"elsewhere quotes are text{fault}; expected all such fields in quotes, quotes inside "
                "them written twice, or none. Write the file with a CSV library, or take the line breaks "
                "out of its texts."
            )


def _left_open(field: str) -> bool:
    """Whether a field begins with a quote that it does not close."""
    return field.startswith(_QUOTE) and field.count(_QUOTE) % 2 == 1


def _broken(path: Path, line: int, fault: str, delimiter: str) -> DataError:
    name = DELIMITERS[delimiter]
    return DataError(
        f"{path}: line {line:,} or the row that ends there is not CSV: {fault}. Expected {name}s between "
        f"fields, and fields with {name}s, quotes or line breaks in double quotes: "
        '"so ""good"", yes". '
        "A quote that is never closed swallows all that follows; where quotes are text, part the columns by "
        "tabs."
    )


def _cleaned(lines: Iterable[str]) -> Iterator[str]:
    """Lines that end in LF; a lone CR, which is text, would end a line for the csv module."""
    return (line.replace("\r\n", "\n").replace("\r", " ") for line in lines)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lets the csv module read fields as long as a line may be; its own limit is 131,072 characters."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)
