"""Reader of labelled texts, in any format."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from seqapp.text.excerpt import excerpts
from seqapp.text.label_cells import split_labels
from training.data.cleaning import TextCleaner
from training.data.data_file import DataFile
from training.data.data_reader import ReadOptions, read_data
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles
from training.data.row_kind import RowKind
from training.data.splits import Pair, Row
from training.data.table_format import compared

LABELLED = RowKind(
    ("text", "label"),
    "rows with a text and a label, column names in the first line, UTF-8, for example: text<TAB>label.",
    repeating="label",
)


def read_labelled(
    files: RowFiles | DataFile | Path | str,
    text_column: str | None = None,
    label_column: str | None = None,
    *,
    separator: str = "",
    cleaner: TextCleaner | None = None,
) -> tuple[list[Pair], ReadingReport]:
    """Read labelled texts with `read_data`.

    The first line of a table is the header. Only a file of two columns may have none: if the label of the
    first line occurs again below, that line is a row.

    Labels are strings, numbers included. Repeated rows are kept. Labels that differ in case only stay
    different and are listed in a note.

    Args:
        files: plain or gzip, or a directory with one directory per label.
        text_column, label_column: names of the columns; None for the choice of the reader.
        separator: label separator; "" for one label per row.
        cleaner: leaves out rows; None to keep all.

    Returns:
        rows: `(text, label)` in file order, labels not yet split.
        report: rows read, skipped by reason, kept.

    Raises:
        DataError: see `read_data`.
    """

    def left_out(row: Row) -> str:
        if not split_labels(row[1], separator):
            return "empty label"
        return cleaner.reason(row) if cleaner else ""

    options = ReadOptions({"text": text_column, "label": label_column}, separator=separator)
    found, report = read_data(files, LABELLED, options, "texts", left_out)
    rows = [(text, label) for text, label in found]
    cells = (label.split(separator) if separator else [label] for _, label in rows)
    report.notes += _alike(cell for parts in cells for cell in parts if cell.strip())
    return rows, report


def _alike(cells: Iterable[str]) -> list[str]:
    """Return notes on labels that differ only in case, or only in whitespace or Unicode form."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for cell in cells:
        spellings[" ".join(split_labels(cell, ""))][cell.strip()] += 1
    by_case: defaultdict[str, list[str]] = defaultdict(list)
    for label in spellings:
        by_case[compared(label)].append(label)
    different = [label for labels in by_case.values() if len(labels) > 1 for label in sorted(labels)]
    same = [spelling for found in spellings.values() if len(found) > 1 for spelling in sorted(found)]
    notes = []
    if different:
        notes.append(f"labels that differ only in case, kept as different labels: {excerpts(different)}")
    if same:
        notes.append(f"labels that differ only in whitespace or Unicode form, merged: {excerpts(same)}")
    return notes
