"""The versions that lie under a model's base path."""

from __future__ import annotations

import re
from pathlib import Path

from serving.server.status import not_found

_NUMBER = re.compile(r"\d{1,19}")
_MAX_VERSION = 2**63 - 1


def find_versions(base_path: str) -> dict[int, Path]:
    """Version directories by number; children whose name is not a number are passed over.

    `00000123` is version 123. Of two names for one number the last in order wins.

    Raises:
        ServingError: NOT_FOUND if the base path cannot be listed.
    """
    found: dict[int, Path] = {}
    try:
        children = sorted(Path(base_path).iterdir())
    except OSError as error:
        raise not_found(
            f"Could not find base path {base_path} ({error.strerror}): it must hold version"
            f" directories such as {base_path}/1"
        ) from error
    for child in children:
        if _NUMBER.fullmatch(child.name) and int(child.name) <= _MAX_VERSION and child.is_dir():
            found[int(child.name)] = child
    return found
