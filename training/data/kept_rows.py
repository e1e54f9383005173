"""The rows stored in a run directory: tab-separated fields, read exactly as written."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from seqapp.atomic_files import atomic_write
from seqapp.errors import DataError
from seqapp.run_directory import split_file
from training.data.text_lines import read_lines, without_breaks

_LONGEST_ROW = 1 << 30  # bytes; a row may be a document of many lines
_EXPECTED = "rows as written by a training run, with tab-separated fields"


def write_rows(path: Path | str, rows: Iterable[Sequence[str]]) -> None:
    """Write one line per row with tab-separated fields, gzip-compressed if the name ends in ".gz".

    Tabs and line breaks inside a field are replaced by spaces, since the format has no quoting, and so are
    NULs, of which a file of text has none; fields are stripped. The file is written atomically;
    equal rows give equal bytes.
    """
    path = Path(path)
    lines = ("\t".join(map(_field, row)) + "\n" for row in rows)
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        _write_lines(file, lines, compress=path.suffix == ".gz")


def read_kept(path: Path | str, most: int | None = None) -> list[tuple[str, ...]]:
    """Read all rows of a file written by `write_rows`, or the first `most`; repeated rows included.

    Raises:
        DataError: no such file, or a varying number of columns.
    """
    path = Path(path)
    lines = islice(read_lines(path, _EXPECTED, longest=_LONGEST_ROW), most)
    rows = [tuple(line.rstrip("\n").split("\t")) for line in lines]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise DataError(
                f"{path}: line {number:,} has {len(row)} columns, the first has {len(rows[0])}; expected "
                f"{_EXPECTED}. Restore the file, or train again."
            )
    return rows


def kept_sources(run: Path) -> Iterator[str]:
    """Yield the first field of each training row of a run. Raises `DataError` if the run has none."""
    for line in read_lines(split_file(run, "train"), _EXPECTED, longest=_LONGEST_ROW):
        yield line.rstrip("\n").partition("\t")[0]


def _field(text: str) -> str:
    return without_breaks(text.replace("\0", " "))


def _write_lines(file: BinaryIO, lines: Iterable[str], *, compress: bool) -> None:
    if not compress:
        file.writelines(line.encode("utf-8") for line in lines)
        return
    # Without file name and time, so that equal rows give equal bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        packed.writelines(line.encode("utf-8") for line in lines)
