"""Where rows are kept that do not fit into memory, and which data are kept there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from seqapp.atomic_files import scratch_directory
from seqapp.errors import DataError
from training.data.row_files import RowFiles

# About 2.5 million pairs of 100 bytes, for which a training in memory needs about 3 GiB.
IN_MEMORY_BYTES = 256 * 2**20
_UNPACKED = 4  # bytes of text per byte of gzip


@dataclass(frozen=True)
class Storage:
    """Where rows and ids are kept.

    Attributes:
        cache: directory of the files, which later trainings use again.
        console: output of progress.
    """

    cache: Path
    console: Console = field(default_factory=Console, compare=False)


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """Yield a new directory, which becomes `place` at the end of the block, or nothing on an error.

    Raises:
        DataError: it cannot be written, for example on a full disk.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with scratch_directory(place.parent, f".{place.parent.name}-") as scratch:
            directory = scratch / place.name
            directory.mkdir()
            yield directory
            try:
                directory.rename(place)
            except OSError:
                # Another training may have written the same.
                if not place.is_dir():
                    raise
    except OSError as error:
        raise DataError(
            f"--cache {place.parent.parent}: {error.strerror or error}; nothing is kept there. Make room, or "
            "give another directory by --cache"
        ) from error


def text_bytes(files: RowFiles) -> int:
    """Return the approximate size of the text in files; of gzip four times the size of the file."""
    every = (*files.files, *([files.target] if files.target else []))
    return sum(one.size * (_UNPACKED if one.path.suffix == ".gz" else 1) for one in every)
