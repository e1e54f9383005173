"""The files of one part as given on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqapp.errors import ConfigError
from training.data.data_file import STANDARD_INPUT, DataFile
from training.data.row_files import RowFiles, files_of
from training.tasks.chapter import Chapter


@dataclass(frozen=True)
class GivenFiles:
    """Files of one part as given on the command line.

    Attributes:
        files: files, patterns, or "-" for standard input.
        source, target: two parallel files instead.
    """

    files: Sequence[Path | str] = ()
    source: Path | None = None
    target: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.files or self.source or self.target)

    @property
    def has_standard_input(self) -> bool:
        """Whether standard input is among the files."""
        return STANDARD_INPUT in map(str, self.files)

    @property
    def shown(self) -> str:
        """The files as they were given; "" for none."""
        return ", ".join(map(str, filter(None, (*self.files, self.source, self.target))))

    def resolved(self, option: str) -> RowFiles:
        """Return the files. Raises `DataError` for a pattern that no file matches."""
        if self.source is None:
            return files_of(self.files, option)
        return RowFiles((DataFile(self.source),), DataFile(self.target or ""))

    def check(self, option: str, prefix: str, chapter: Chapter) -> None:
        """Check the files of one part.

        Raises:
            ConfigError: one parallel file without the other, both beside other files or for a task without
                pairs, or standard input for other rows than those of training.
        """
        source, target = f"--{prefix}source", f"--{prefix}target"
        if self.files and (self.source or self.target):
            raise ConfigError(f"give either {option} or {source} with {target}, not both")
        if self.source and not self.target:
            raise ConfigError(f"{source} needs {target}, the file with the translation of each line")
        if self.target and not self.source:
            raise ConfigError(f"{target} needs {source}, the file with the source of each line")
        if self.source and "source" not in chapter.columns:
            raise ConfigError(f"{source} and {target} are two files of pairs; {chapter.task} takes {option}")
        if prefix and self.has_standard_input:
            raise ConfigError(
                f"{option} -: standard input can only hold the training rows (--data -); expected a file"
            )
