"""Finds what does not belong in a folder of an export: links out of it, and entries that are no files."""

from __future__ import annotations

import stat
from pathlib import Path


def stray_entry(directory: Path) -> str:
    """Describes the first stray entry below `directory`; "" if there is none.

    A link may lead to another entry of the same folder. One that leads elsewhere would show or pack
    files of this machine; a pipe or device would block the reader.
    """
    root = directory.resolve()
    for path in sorted(directory.rglob("*")):
        try:
            target = path.resolve(strict=True)
            kind = target.stat().st_mode
        except (OSError, RuntimeError):  # RuntimeError: a loop of links, up to Python 3.12
            return f"{path} is a link that leads nowhere"
        if not target.is_relative_to(root):
            return f"{path} is a link that leads out of {directory}"
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            return f"{path} is neither a file nor a folder"
    return ""


def inner_file(directory: Path, *parts: str) -> Path | None:
    """The regular file of this name below `directory`; None if there is none or a link leads out of it."""
    path = directory.joinpath(*parts)
    try:
        inside = path.resolve().is_relative_to(directory.resolve())
    except (OSError, RuntimeError):
        return None
    return path if inside and path.is_file() else None
