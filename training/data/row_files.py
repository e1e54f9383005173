"""The files of one part: training, validation or test rows."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import ConfigError, DataError
from seqapp.text.excerpt import excerpt
from training.data.data_file import STANDARD_INPUT, DataFile, data_file

_MAGIC = "*?["


@dataclass(frozen=True)
class RowFiles:
    """Files that are read one after another, or a source file and a parallel target file.

    Attributes:
        files: at least one; the source file alone if there is a target file.
        target: file whose line N translates line N of the source file.
    """

    files: tuple[DataFile, ...]
    target: DataFile | None = None

    def __str__(self) -> str:
        if self.target is not None:
            return f"{self.files[0]} and {self.target}"
        more = len(self.files) - 1
        return str(self.files[0]) + (f" and {more:,} more" if more else "")

    @property
    def identities(self) -> list[str]:
        """The absolute paths, for hashes."""
        return [one.identity for one in (*self.files, *([self.target] if self.target else []))]

    @property
    def title(self) -> str:
        """Name for reports."""
        return self.files[0].name if len(self.files) == 1 else f"{len(self.files):,} files"


def row_files(given: RowFiles | DataFile | Path | str) -> RowFiles:
    """Return one file as `RowFiles`."""
    return given if isinstance(given, RowFiles) else RowFiles((data_file(given),))


def described_files(parts: Mapping[str, RowFiles | Path | str | None]) -> dict[str, str | list[str]]:
    """Return the file names for the provenance of a run, by part; a list if a part has several."""
    found: dict[str, str | list[str]] = {}
    for part, given in parts.items():
        if given is None:
            continue
        files = row_files(given)
        names = [one.name for one in files.files]
        if files.target is not None:
            names.append(files.target.name)
        found[part] = names[0] if len(names) == 1 else names
    return found


def files_of(values: Sequence[Path | str], option: str) -> RowFiles:
    """Return the files of an option: names, patterns such as ``part-*.tsv.gz``, and "-" for standard input.

    The files of a pattern are in alphabetical order.

    Raises:
        DataError: a pattern that no file matches.
        ConfigError: a file that is given twice.
    """
    files = tuple(file for value in values for file in _expanded(str(value), option))
    seen: set[str] = set()
    for file in files:
        if file.identity in seen:
            raise ConfigError(f"{option}: {file} is given twice; expected each file once")
        seen.add(file.identity)
    return RowFiles(files)


def _expanded(value: str, option: str) -> list[DataFile]:
    if value == STANDARD_INPUT or not any(sign in value for sign in _MAGIC) or Path(value).exists():
        return [DataFile(value)]
    found = sorted(glob.glob(value, recursive=True))  # noqa: PTH207  may be absolute
    if not found:
        raise DataError(f"{option} {excerpt(value)}: no file matches this pattern{_near(Path(value))}")
    return [DataFile(one) for one in found]


def _near(pattern: Path) -> str:
    folder = pattern.parent
    if any(sign in str(folder) for sign in _MAGIC):
        return "; check it with `ls`"
    if not folder.is_dir():
        return f"; there is no directory {folder}"
    names = sorted(one.name for one in folder.iterdir() if one.is_file())
    near = difflib.get_close_matches(pattern.name, names, n=1, cutoff=0.4)
    return f"; {folder} has {near[0]}, for example" if near else "; check it with `ls`"
