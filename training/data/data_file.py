"""A file of rows, or standard input."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from functools import cached_property
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from seqapp.errors import DataError

STANDARD_INPUT = "-"
_CHUNK = 1 << 20


class DataFile:
    """A file that can be opened several times, named in messages by `str`.

    Args:
        path: the file; "-" for standard input, which is copied to a temporary file when it is first opened.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._opened: BinaryIO | None = None

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
            self._opened = self.path.open("rb")
            return self._opened
        copy = os.fdopen(os.dup(self._copied.fileno()), "rb")
        copy.seek(0)
        self._opened = cast(BinaryIO, copy)
        return self._opened

    @property
    def position(self) -> int:
        """Bytes that have been read; 0 before the file is opened, all after it is closed."""
        if self._opened is None:
            return 0
        return self.size if self._opened.closed else self._opened.tell()

    @property
    def size(self) -> int:
        """Bytes of the file, or of all files below a directory; 0 if there is none."""
        if self.is_standard_input:
            return os.fstat(self._copied.fileno()).st_size
        if self.path.is_dir():
            return sum(one.stat().st_size for one in self.path.rglob("*") if one.is_file())
        return self.path.stat().st_size if self.path.is_file() else 0

    def update(self, digest: Any) -> None:
        """Add name and content to a hash of `hashlib`; of a directory those of all files below it."""
        if self.path.is_dir():
            for one in sorted(self.path.rglob("*")):
                digest.update(f"{one.relative_to(self.path)}\0".encode("utf-8", "surrogateescape"))
                if one.is_file():
                    DataFile(one).update(digest)
            return
        digest.update(f"{self.name}\0".encode("utf-8", "surrogateescape"))
        with self.open() as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)

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
