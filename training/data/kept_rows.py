"""The rows that a run keeps of its own splits: fields with tabs between them, read exactly as written."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from seqapp.atomic_files import atomic_write
from seqapp.errors import DataError
from training.data.text_lines import read_lines, without_breaks

_EXPECTED = "rows as a training run writes them, fields with tabs between them"


def write_rows(path: Path | str, rows: Iterable[Sequence[str]]) -> None:
    """Writes a line for each row, fields with tabs between them, gzip when the name ends in ".gz".

    Tabs and line breaks inside a field become blanks, for the format has no way to quote them, and blanks
    at its ends go. The file appears whole or not at all; the same rows give the same bytes.
    """
    path = Path(path)
    lines = ("\t".join(map(without_breaks, row)) + "\n" for row in rows)
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        _write_lines(file, lines, compress=path.suffix == ".gz")


def read_kept(path: Path | str) -> list[tuple[str, ...]]:
    """The rows of a file that `write_rows` wrote; all of them, equal ones too.

    Raises:
        DataError: no such file, or rows of different numbers of columns.
    """
    path = Path(path)
    rows = [tuple(line.rstrip("\n").split("\t")) for line in read_lines(path, _EXPECTED)]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise DataError(
                f"{path}: line {number:,} has {len(row)} columns, the first has {len(rows[0])}; expected "
                f"{_EXPECTED}. Train again, or bring the file back."
            )
    return rows


def _write_lines(file: BinaryIO, lines: Iterable[str], *, compress: bool) -> None:
    if not compress:
        file.writelines(line.encode("utf-8") for line in lines)
        return
    # No name and no time inside, so that equal rows give equal bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.writelines(line.encode("utf-8") for line in lines)
