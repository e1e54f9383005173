"""The user's own labelled texts: a table of texts and labels under any column names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from seqapp.text.excerpt import excerpts
from seqapp.text.label_cells import split_labels
from training.data.reading_report import ReadingReport
from training.data.splits import Pair
from training.data.table import TableKind, read_table, require_rows
from training.data.table_format import compared

LABELLED = TableKind(
    ("text", "label"),
    "rows of a text and a label, the names of their columns in the first line, in UTF-8, for example: "
    "text<TAB>label.",
    repeating="label",
)


def read_labelled(
    path: Path | str, text_column: str | None = None, label_column: str | None = None, *, separator: str = ""
) -> tuple[list[Pair], ReadingReport]:
    """Reads labelled texts, row by row, see `read_table`.

    The first line names the columns; only in a file of two columns may it be missing: where its label
    occurs again below, it is a row like the others.

    A label is a string, numbers too. Repeated rows are kept. Labels that would be taken for the same by a
    person, but for their case, stay different and are named in a note.

    Args:
        path: the file, plain or gzip.
        text_column, label_column: names of the columns; None chooses as `read_table` says.
        separator: what stands between the labels of a row; "" for one label a row.

    Returns:
        rows: `(text, label)` in the file's order, several labels still one string.
        report: rows read, skipped by reason, kept.

    Raises:
        DataError: see `read_table`.
    """
    path = Path(path)
    found, report = read_table(path, LABELLED, {"text": text_column, "label": label_column})
    report.result = "texts"
    rows = [(text, label) for text, label in found if split_labels(label, separator)]
    if len(rows) < len(found):
        report.skipped["empty label"] += len(found) - len(rows)
    report.kept = len(rows)
    require_rows(path, report, LABELLED)
    cells = (label.split(separator) if separator else [label] for _, label in rows)
    report.notes += _alike(cell for parts in cells for cell in parts if cell.strip())
    return rows, report


def _alike(cells: Iterable[str]) -> list[str]:
    """Notes on labels that differ in case, and on those in blanks or normal form, which are taken as one."""
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
        notes.append(f"labels that differ in case only, each a label of its own: {excerpts(different)}")
    if same:
        notes.append(f"labels that differ in blanks or Unicode form only, taken as one: {excerpts(same)}")
    return notes
