"""Reader of rows in any format: tables, JSON, plain text, TMX, parallel lines, one directory per label."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from seqapp.errors import DataError
from seqapp.text.encodings import marked_encoding
from seqapp.text.excerpt import excerpt, excerpts
from training.data.data_file import DataFile
from training.data.document_rows import read_document_rows
from training.data.json_rows import read_json
from training.data.label_directories import read_label_directories
from training.data.line_rows import read_line_rows
from training.data.parallel_lines import read_parallel
from training.data.reading_report import ReadingReport, merged
from training.data.row_files import RowFiles, row_files
from training.data.row_kind import Languages, NoRowsError, RowKind, require_rows
from training.data.splits import Row
from training.data.table import read_table
from training.data.text_lines import unpacked
from training.data.tmx import read_tmx

_HEAD = 4096  # bytes
_JSON = {".json", ".jsonl", ".ndjson"}
_TABLES = {".tsv", ".csv", ".tab"}


@dataclass(frozen=True)
class ReadOptions:
    """How the user describes the files of a task.

    Attributes:
        columns: feature → name of its column or key; None for the choice of the reader.
        languages: source and target; columns with these names, or the languages of a translation memory.
        separator: label separator; "" for one label per row.
        documents: whether a row of plain text is a document, the lines between empty lines.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    languages: Languages | None = None
    separator: str = ""
    documents: bool = False

    @property
    def aliases(self) -> dict[str, str]:
        """Feature → another name of its column: the language."""
        return self.languages._asdict() if self.languages else {}


def read_data(
    files: RowFiles | DataFile | Path | str,
    kind: RowKind,
    options: ReadOptions,
    result: str = "rows",
    left_out: Callable[[Row], str] | None = None,
) -> tuple[list[Row], ReadingReport]:
    """Read rows, in the format that extension and content of each file show.

    Args:
        files: one or several files, a directory of labels, standard input or parallel files.
        kind: expected content.
        options: columns, languages and label separator.
        result: plural noun of what is kept.
        left_out: returns why a row is left out, "" to keep it; called for the rows in file order.

    Returns:
        rows: in file order.
        report: rows read, skipped by reason with an example, and kept, and the detected format.

    Raises:
        DataError: an unreadable file, a missing column, or no usable row.
    """
    files = row_files(files)
    rows: list[Row] = []
    reports, without_rows = [], []
    for file in files.files:
        try:
            found, report = _read(file, files.target, kind, options)
        except NoRowsError as error:
            without_rows.append((file, error))
            continue
        report.result = result
        rows += _kept(found, report, left_out)
        reports.append(report)
    if not reports or (without_rows and len(files.files) == 1):
        raise without_rows[0][1]
    report = merged(files.title, reports)
    if without_rows:
        named = excerpts(file.name for file, _ in without_rows)
        report.notes.append(
            f"files without a usable row, {len(without_rows):,} of {len(files.files):,}: {named}"
        )
    require_rows(str(files), report, kind)
    return rows, report


def _kept(
    rows: Sequence[Row], report: ReadingReport, left_out: Callable[[Row], str] | None
) -> Sequence[Row]:
    if left_out is None:
        return rows
    kept = []
    for row, number in zip(rows, report.numbers, strict=True):
        if reason := left_out(row):
            report.skip(reason, number, "\t".join(row))
        else:
            kept.append(row)
    report.kept = len(kept)
    return kept


def _read(
    file: DataFile, target: DataFile | None, kind: RowKind, options: ReadOptions
) -> tuple[list[Row], ReadingReport]:
    if target is not None:
        return read_parallel(file, target, kind)
    if file.path.is_dir():
        return read_label_directories(file, kind)
    form = form_of(file, kind)
    if form == "lines":
        _check_no_column(file, options)
        return read_document_rows(file, kind) if options.documents else read_line_rows(file, kind)
    if form == "tmx":
        return read_tmx(file, kind, options.languages)
    if form != "table":
        array = form == "array"
        return read_json(file, kind, options.columns, options.languages, options.separator, array)
    return read_table(file, kind, options.columns, options.aliases)


def _check_no_column(file: DataFile, options: ReadOptions) -> None:
    """Raise `DataError` for plain text with a column of which the user gave the name."""
    for feature, column in options.columns.items():
        if column is not None:
            raise DataError(
                f"{file}: --{feature}-column {excerpt(column)} needs a table (.tsv, .csv or .tab) or JSON "
                f"lines, got plain text; leave out --{feature}-column to read each line as a {feature}, or "
                "name the file by its format"
            )


def form_of(file: DataFile, kind: RowKind) -> Literal["tmx", "array", "objects", "lines", "table"]:
    """Return the format that extension and beginning of a file show. Raises `DataError`.

    Rows of one feature are plain text, unless the extension is that of a table.
    """
    head = file_head(file, kind.expected)
    if file.extension == ".tmx" or head.startswith(("<?xml", "<tmx", "<!DOCTYPE")):
        return "tmx"
    if _is_array(head) or (file.extension in _JSON and head.startswith("[")):
        return "array"
    if file.extension in _JSON or _is_object(head):
        return "objects"
    return "lines" if len(kind.features) == 1 and file.extension not in _TABLES else "table"


def file_head(file: DataFile, expected: str = "rows.") -> str:
    """Return the beginning of a file as text, without a byte order mark and leading space."""
    with unpacked(file, expected, lambda: "at its beginning") as (stream, _):
        head = stream.peek(_HEAD)[:_HEAD]
    text = head.decode(marked_encoding(head) or "utf-8", "ignore")
    return text.removeprefix("\ufeff").lstrip()


def _is_array(head: str) -> bool:
    return re.match(r'\[\s*\{\s*"', head) is not None


def _is_object(head: str) -> bool:
    first, end, _ = head.partition("\n")
    if not end:
        return re.match(r'\{\s*"', head) is not None
    try:
        return isinstance(json.loads(first), dict)
    except (json.JSONDecodeError, RecursionError):
        return False
