"""What a check found in a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# The same language, an order of magnitude faster, where PyYAML was built with it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableError(Exception):
    """A file that is missing or does not parse; its message is the fault."""


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        file: the file's path inside of the folder, or the name of a comparison.
        how: what was done with it; begins with `validated` or `only parsed`.
        faults: what is wrong with it, a sentence each.
    """

    file: str
    how: str
    faults: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The line for a person to read, and one below it for each fault."""
        mark = "FAULT" if self.faults else "ok"
        return [f"{mark:<6}{self.file:<36}{self.how}", *(f"      {fault}" for fault in self.faults)]


def finding(file: str, how: str, faults: Iterable[str] = ()) -> Finding:
    """A Finding of any iterable of faults."""
    return Finding(file, how, tuple(faults))


def read(folder: Path, name: str) -> str:
    """The text of a file.

    Raises:
        UnreadableError: it is not there, or is not UTF-8.
    """
    try:
        return (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{name} cannot be read ({error}): it belongs into {folder}.") from error


def read_yaml(folder: Path, name: str) -> list[dict[str, Any]]:
    """The documents of a YAML file.

    Raises:
        UnreadableError: it cannot be read or parsed, or a document is no mapping.
    """
    try:
        documents = list(yaml.load_all(read(folder, name), Loader=_LOADER))
    except yaml.YAMLError as error:
        raise UnreadableError(f"{name} is no YAML: {' '.join(str(error).split())}.") from error
    for document in documents:
        if not isinstance(document, dict):
            raise UnreadableError(f"{name}: expected mappings, got {type(document).__name__}.")
    if not documents:
        raise UnreadableError(f"{name} is empty.")
    return documents


def read_yaml_file(folder: Path, name: str) -> dict[str, Any]:
    """The only document of a YAML file.

    Raises:
        UnreadableError: as `read_yaml`, or there are several.
    """
    documents = read_yaml(folder, name)
    if len(documents) != 1:
        raise UnreadableError(f"{name}: expected one document, got {len(documents)}.")
    return documents[0]
