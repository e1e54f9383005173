"""The training interface of a task as the commands use it, without heavy imports."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from training.data.cleaning import Cleaner
from training.data.corpora.registry import Corpus
from training.data.own_files import OwnFiles
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles
from training.data.shards.stored_rows import sample_of
from training.data.splits import Row, Splits, columns_of
from training.evaluation.comparison_limits import ComparisonLimits
from training.evaluation.score_format import ScoreFormat
from training.tasks.preset_note import PresetNote

if TYPE_CHECKING:
    from rich.console import Console

    from training.data.kept_outputs import Output
    from training.evaluation.measures import Measure
    from training.tasks.recipe import Recipe

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """A command-line option of one task.

    Attributes:
        name: keyword; ``text_column`` is ``--text-column``.
        help: help text.
        flag: whether the option takes no value.
        former: the keyword before it was renamed, still accepted; "" for none.
    """

    name: str
    help: str
    flag: bool = False
    former: str = ""


class Preparation(NamedTuple):
    """Means of `Chapter.training_rows`.

    Fields:
        cache: directory for files that later trainings use again.
        console: output of progress.
        note: sets what the message of an interrupt adds.
    """

    cache: Path
    console: "Console"
    note: Callable[[str], None]


class Chapter(ABC):
    """The training of one task: its options, presets, files and recipe.

    Attributes:
        task: name of the task.
        columns: feature names, in order; each has an option ``--NAME-column``.
        presets: named configurations.
        default_corpus: the corpus used when neither corpus nor file is given; "" for none.
        answer: name of the command that applies a model to lines of standard input.
        answer_help: what that command writes per line.
        further_answers: name → what it writes, of commands that apply models of other kinds, see
            `Recipe.answer`.
        options: further options.
        notes: what there is to say of each preset.
        settings_in_name: settings that the default run name has already, see `name_parts`.
        beyond_limits: what training does with rows above `token_limits`: "cut" or "dropped".
        teachers: preset that learns from a teacher run → preset of the teacher used by default.
    """

    task: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    presets: ClassVar[Mapping[str, TaskConfig]]
    default_corpus: ClassVar[str] = ""
    answer: ClassVar[str]
    answer_help: ClassVar[str]
    further_answers: ClassVar[Mapping[str, str]] = {}
    options: ClassVar[tuple[Option, ...]] = ()
    notes: ClassVar[Mapping[str, PresetNote]] = {}
    settings_in_name: ClassVar[tuple[str, ...]] = ()
    beyond_limits: ClassVar[str] = "cut"
    teachers: ClassVar[Mapping[str, str]] = {}

    def all_options(self) -> tuple[Option, ...]:
        """Return the column options, then the other options of the task."""
        return self.column_options() + self.options

    def column_options(self) -> tuple[Option, ...]:
        """Return the options that name the columns of a file."""
        return tuple(Option(f"{name}_column", f"name of the {name} column") for name in self.columns)

    def checked(self, options: Options) -> dict[str, Any]:
        """Return the given options. Raises `ConfigError` for an option of another task."""
        given = {name: value for name, value in options.items() if value not in (None, False)}
        known = {option.name for option in self.all_options()}
        for name in given:
            if name not in known:
                flags = ", ".join(f"--{option.replace('_', '-')}" for option in sorted(known))
                raise ConfigError(
                    f"--{name.replace('_', '-')} is not an option of {self.task}, which has {flags}; leave "
                    "it out, or give another --task"
                )
        return given

    def for_corpus(self, corpus: Corpus, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options completed for a built-in corpus. Raises `ConfigError`."""
        return options

    def options_of(self, config: Any) -> dict[str, Any]:
        """Return the options that settings stand for, so that a file of settings needs no options."""
        return {}

    def configure(self, config: Any, options: Options) -> Any:
        """Return the configuration with the options applied. Raises `ConfigError`."""
        return config

    def check_workers(self, config: Any) -> None:  # noqa: B027  most trainings can be divided
        """Raise `ConfigError` if several workers cannot train together with these settings."""

    def origin(self, config: Any) -> dict[str, Any]:
        """Return provenance of the training beyond that of the rows. Raises `SeqAppError`."""
        return {}

    def pretrained_settings(self, other: Any) -> dict[str, Any]:
        """Return the settings, by dotted name, that a run of another task decides which training starts from.

        Args:
            other: configuration of that run.

        Raises:
            ConfigError: training cannot start from it; the message goes on from the name of the run.
        """
        raise ConfigError(f"holds a {other.task} model; expected a {self.task} model")

    def pretrained_task(self, config: Any, examples: Mapping[str, Sequence[str]], trained: Any) -> Any:
        """Return the task before its first step, with layers of a trained task of another name.

        Args:
            config: all settings, with those that `pretrained_settings` returned.
            examples: feature → texts that are learnt from.
            trained: the trained task.
        """
        raise NotImplementedError(f"{type(self).__name__}.pretrained_task")

    def training_rows(
        self, config: Any, rows: Sequence[Row], test: Sequence[Row], means: Preparation
    ) -> Sequence[Row]:
        """Return the rows to train on, made from the training rows of the data."""
        return rows

    def name_parts(self, options: Options) -> list[str]:
        """Return the option values that are part of the default run name."""
        return []

    def read_config(self, settings: dict[str, Any]) -> Any:
        """Return the configuration of a run from its settings in ``config.json``. Raises `ConfigError`."""
        return type(next(iter(self.presets.values()))).read(settings)

    def shown_scores(self, config: Any) -> tuple[ScoreFormat, ...]:
        """Return the scores that tables of runs show, the main one first; none by default."""
        return ()

    def must_be_equal(self, config: Any) -> dict[str, str]:
        """Return name → value of what compared runs must have in common; "" is not specified."""
        return {}

    def measures(self, config: Any, rows: Sequence[Row], outputs: Sequence["Output"]) -> dict[str, "Measure"]:
        """Return the scores of kept outputs by key, to compare runs. Raises `SeqAppError`.

        Args:
            config: configuration of the run.
            rows: test rows.
            outputs: one per row, see `Recipe.scored_outputs`.
        """
        raise ConfigError(f"runs of {self.task} cannot be compared: the task keeps no outputs")

    def comparison_limits(self, first: Sequence["Output"], other: Sequence["Output"]) -> ComparisonLimits:
        """Return what restricts the comparison of two runs with these outputs for the same rows; nothing."""
        return ComparisonLimits()

    def text_languages(self, config: Any) -> dict[str, str]:
        """Return feature → language tag, "" if it is not given, of the features that hold texts."""
        return dict.fromkeys(self.columns, "")

    def token_limits(self, config: Any) -> dict[str, int]:
        """Return feature → maximum number of SentencePiece tokens in training, EOS included; {} for none."""
        return {}

    def cleaner(self, config: Any) -> Cleaner | None:
        """Return what leaves out rows that harm a training; None if the task has nothing of the kind."""
        return None

    def learnt_from(self, config: Any, rows: Sequence[Row]) -> dict[str, list[str]]:
        """Return feature → texts from which vocabulary and labels are built; of stored rows a sample."""
        return columns_of(sample_of(rows), self.columns)

    @abstractmethod
    def load_own(self, files: OwnFiles, options: Options, seed: int) -> Splits:
        """Read the files as training, validation and test rows. Raises `DataError`."""

    @abstractmethod
    def read_rows(
        self, files: RowFiles, config: Any, options: Options, clean: bool = False
    ) -> tuple[Sequence[Row], ReadingReport]:
        """Read rows, to score or inspect them, all or cleaned ones. Raises `DataError`."""

    @abstractmethod
    def recipe(self, task: Any) -> "Recipe":
        """Return the recipe that trains and scores the task."""
