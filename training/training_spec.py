"""Task, data and settings of a training, as given on the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqapp.errors import ConfigError
from seqapp.run_directory import is_run
from training.data.data_spec import DataSpec
from training.pretrained_settings import check_pretrained, pretrained_settings
from training.settings.assignments import parse_assignments
from training.settings.changes import Changes, changed
from training.settings.flat import flatten
from training.settings.settings_file import read_settings
from training.tasks.chapter import Chapter
from training.tasks.registry import DEFAULT_PRESET, chapter_of
from training.tasks.registry import preset as named_preset


@dataclass(frozen=True)
class TrainingSpec:
    """What to train, on what.

    Attributes:
        task: name of the task.
        source: the data.
        preset: name of the preset; it may be a former one, see `current_preset`.
        settings_file: value of ``--config``.
        assignments: values of ``--set``.
        more: words without an option: further assignments after the first one of ``--set``.
        options: values of the options of all tasks.
    """

    task: str = "translation"
    source: DataSpec = field(default_factory=DataSpec)
    preset: str = DEFAULT_PRESET
    settings_file: Path | None = None
    assignments: Sequence[str] | None = None
    more: Sequence[str] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chapter(self) -> Chapter:
        """The chapter of the task. Raises `ConfigError` for an unknown one."""
        return chapter_of(self.task)

    def config(self, preset: str, init_from: str = "") -> Any:
        """Return the configuration of a preset with the settings of the file, then those of assignments.

        A run of another task that training starts from decides some settings, see `pretrained_settings`.

        Args:
            preset: present name of the preset.
            init_from: value of ``--init-from``.

        Raises:
            ConfigError: unknown preset, name, value or file; or a setting that the run has another value of.
        """
        config = named_preset(self.task, preset)
        if self.more and not self.assignments:
            raise ConfigError(f"unexpected argument {self.more[0][:60]!r}; a setting needs --set before it")
        sources: list[Changes] = []
        if self.settings_file is not None:
            sources.append(read_settings(self.settings_file, self.task))
        if self.assignments:
            sources.append(parse_assignments([*self.assignments, *(self.more or [])], type(config)))
        run = init_from or _origin(sources)
        decided = pretrained_settings(self.task, run) if run and is_run(Path(run)) else {}
        config = changed(config, Changes(f"--init-from: {run}", decided), *sources)
        check_pretrained(config, run, decided)
        return config

    def task_options(self, config: Any) -> dict[str, Any]:
        """Return the options of the task: those that settings stand for, then the given ones.

        Raises:
            ConfigError: an option of another task.
        """
        return {**self.chapter.options_of(config), **self.chapter.checked(self.options)}


def _origin(sources: Sequence[Changes]) -> str:
    """Return the last value of ``training.init_from``; "" if it is not given."""
    found = [flatten(source.values).get("training.init_from") for source in sources]
    return next((str(run) for run in reversed(found) if run), "")
