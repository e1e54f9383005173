"""A file of rows, or standard input."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from functools import cached_property
from pathlib import Path
from typing import IO, BinaryIO, cast

from seqapp.errors import DataError

STANDARD_INPUT = "-"


class DataFile:
    """A file that can be opened several times, named in messages by `str`.

    Args:
        path: the file; "-" for standard input, which is copied to a temporary file when it is first opened.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def __str__(self) -> str:
        return self.name if self.is_standard_input else str(self.path)

    @property
    def is_standard_input(self) -> bool:
        return str(self.path) == STANDARD_INPUT

    @property
    def name(self) -> str:
        """Name for reports."""
        return "standard input" if self.is_standard_input else self.path.name

    @property
    def extension(self) -> str:
        """Last extension before ".gz", in lower case: ".tsv"."""
        return Path(self.path.name.removesuffix(".gz")).suffix.lower()

    @property
    def identity(self) -> str:
        """The absolute path without links; "-" for standard input."""
        return STANDARD_INPUT if self.is_standard_input else str(self.path.resolve())

    def open(self) -> BinaryIO:
        """Open for reading from the beginning. Raises `DataError` for a terminal or empty input."""
        if not self.is_standard_input:
            return self.path.open("rb")
        copy = os.fdopen(os.dup(self._copied.fileno()), "rb")
        copy.seek(0)
        return cast(BinaryIO, copy)

    @cached_property
    def _copied(self) -> IO[bytes]:
        if sys.stdin.isatty():
            raise DataError(
                "--data -: standard input is a terminal; expected rows from a pipe or file, for example: "
                "zcat pairs.tsv.gz | seqapp fit --data - …"
            )
        copy = tempfile.TemporaryFile()  # noqa: SIM115  closed with this object
        weakref.finalize(self, copy.close)
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        if not copy.tell():
            raise DataError(
                "--data -: standard input is empty; expected rows. Check the command before the pipe."
            )
        return copy


def data_file(path: DataFile | Path | str) -> DataFile:
    """Return the argument as a `DataFile`."""
    return path if isinstance(path, DataFile) else DataFile(path)
