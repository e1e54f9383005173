"""The settings that the options of a command give."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqapp.errors import ConfigError
from training.settings.assignments import parse_assignments
from training.settings.changes import Changes, changed
from training.settings.settings_file import read_settings
from training.tasks.registry import preset as named_preset


def given_settings(
    task: str,
    preset: str,
    file: Path | None,
    assignments: Sequence[str] | None,
    more: Sequence[str] | None,
) -> Any:
    """Return the configuration of a preset with the settings of a file, then those of assignments.

    Args:
        task: name of the task.
        preset: name of the preset.
        file: value of ``--config``.
        assignments: values of ``--set``.
        more: words without an option: further assignments after the first one of ``--set``.

    Raises:
        ConfigError: unknown preset, name, value or file.
    """
    config = named_preset(task, preset)
    if more and not assignments:
        raise ConfigError(f"unexpected argument {more[0][:60]!r}; a setting needs --set before it")
    sources: list[Changes] = [] if file is None else [read_settings(file, task)]
    if assignments:
        sources.append(parse_assignments([*assignments, *(more or [])], type(config)))
    return changed(config, *sources)
