"""What the commands need to know of a task before anything heavy is imported."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from training.data.corpora.catalogue import Corpus
from training.data.reading_report import ReadingReport
from training.data.splits import Row, Splits, columns_of

if TYPE_CHECKING:
    from training.tasks.recipe import Recipe

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """A command-line option of one task's own.

    Attributes:
        name: as a keyword; ``text_column`` is ``--text-column``.
        help: what it is.
        flag: takes no value.
    """

    name: str
    help: str
    flag: bool = False


@dataclass(frozen=True)
class OwnFiles:
    """The user's own files: training, and perhaps validation and test."""

    data: Path
    valid: Path | None = None
    test: Path | None = None


class Chapter(ABC):
    """The training of one task, as the commands see it.

    Attributes:
        task: name of the task.
        columns: names of its features, in order; each has an option ``--NAME-column``.
        presets: named configurations.
        default_corpus: trained on when no data is named; "" for none.
        answer: the command that answers lines of standard input.
        answer_help: what that command prints, a line each.
        options: further options.
    """

    task: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    presets: ClassVar[Mapping[str, TaskConfig]]
    default_corpus: ClassVar[str] = ""
    answer: ClassVar[str]
    answer_help: ClassVar[str]
    options: ClassVar[tuple[Option, ...]] = ()

    def all_options(self) -> tuple[Option, ...]:
        """Those of the columns, then the task's own."""
        return self.column_options() + self.options

    def column_options(self) -> tuple[Option, ...]:
        """Those that name the columns of a file."""
        return tuple(Option(f"{name}_column", f"name of the column with the {name}") for name in self.columns)

    def checked(self, options: Options) -> dict[str, Any]:
        """The options that were given. Raises `ConfigError` for one of another task."""
        given = {name: value for name, value in options.items() if value not in (None, False)}
        known = {option.name for option in self.all_options()}
        for name in given:
            if name not in known:
                flags = ", ".join(f"--{option.replace('_', '-')}" for option in sorted(known))
                raise ConfigError(
                    f"--{name.replace('_', '-')}: not an option of {self.task}, which has {flags}; leave it "
                    "out, or name another --task"
                )
        return given

    def for_corpus(self, corpus: Corpus, options: dict[str, Any]) -> dict[str, Any]:
        """The options, completed for a corpus of the catalogue. Raises `ConfigError`."""
        return options

    def configure(self, config: Any, options: Options) -> Any:
        """The configuration with what the options say. Raises `ConfigError`."""
        return config

    def name_parts(self, options: Options) -> list[str]:
        """What of the options belongs into the name of a run."""
        return []

    def learnt_from(self, config: Any, rows: Sequence[Row]) -> dict[str, list[str]]:
        """Feature → texts that vocabulary and labels are learnt from."""
        return columns_of(rows, self.columns)

    @abstractmethod
    def load_own(self, files: OwnFiles, options: Options, seed: int) -> Splits:
        """The user's own files as training, validation and test rows. Raises `DataError`."""

    @abstractmethod
    def read_rows(self, path: Path, config: Any, options: Options) -> tuple[Sequence[Row], ReadingReport]:
        """The rows of one file, to score on. Raises `DataError`."""

    @abstractmethod
    def recipe(self, task: Any) -> "Recipe":
        """How that task is trained and scored."""
