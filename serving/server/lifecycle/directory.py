"""The versions that lie under a model's base path."""

from __future__ import annotations

import re
from pathlib import Path

from serving.server.status import not_found

_NUMBER = re.compile(r"[+-]?[0-9]+")
_INT64 = (-(2**63), 2**63 - 1)
_LONGEST_NAME = 255  # of files; more digits are not worth a look


def find_versions(base_path: str) -> dict[int, Path]:
    """Version directories by number; children whose name is no 64-bit integer are passed over.

    `00000123` is version 123. Of two names for one number the last in order wins.

    Raises:
        ServingError: NOT_FOUND if the base path cannot be listed.
    """
    found: dict[int, Path] = {}
    try:
        for child in sorted(Path(base_path).iterdir()):
            number = _version_number(child.name)
            if number is not None and child.is_dir():
                found[number] = child
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = error.strerror if isinstance(error, OSError) else error
        raise not_found(
            f"Could not find base path {base_path} ({reason}): it must hold version"
            f" directories such as {base_path}/1"
        ) from error
    return found


def _version_number(name: str) -> int | None:
    if not _NUMBER.fullmatch(name) or len(name) > _LONGEST_NAME:
        return None
    number = int(name)
    return number if _INT64[0] <= number <= _INT64[1] else None
