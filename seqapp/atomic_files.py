"""Atomic writing of files."""

import json
import re
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqapp.interrupts import removed_on_interrupt

_TEMPORARY = re.compile(r"\.[0-9a-f]{32}\.")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; renamed to it on success, deleted on an exception.

    The temporary name keeps the suffix of `path`, for writers that choose the format by it.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.{path.name}")
    with removed_on_interrupt(temporary):
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def remove_unfinished(directory: Path) -> None:
    """Delete the temporary files that a killed process left in `directory` and below."""
    for path in directory.rglob(".*"):
        if _TEMPORARY.match(path.name) and path.is_file():
            path.unlink(missing_ok=True)


@contextmanager
def scratch_directory(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a new directory below `parent`, deleted at the end of the block."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name, removed_on_interrupt(Path(name)):
        yield Path(name)


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write `values` as indented JSON, atomically."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
