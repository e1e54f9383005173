"""Files that appear whole or not at all."""

import json
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqapp.interrupts import removed_on_interrupt


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`; renamed to it when the block ends well, deleted when not.

    The name ends as `path` does, so that writers which look at the ending do the same.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.{path.name}")
    with removed_on_interrupt(temporary):
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def scratch_directory(parent: Path, prefix: str) -> Iterator[Path]:
    """A new directory below `parent`, deleted at the end of the block whatever happens."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name, removed_on_interrupt(Path(name)):
        yield Path(name)


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Writes `values` as indented JSON."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
