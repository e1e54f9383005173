"""The commands `run-directory` and `model-name`."""

from typing import Any

import typer

from training.commands.options import (
    Assignments,
    MoreAssignments,
    NamedRun,
    PresetOption,
    SettingsFile,
    TaskOption,
)
from training.commands.settings import given_settings
from training.data.data_spec import DataSpec
from training.default_names import default_run, model_of_run, preset_in_name
from training.tasks.chapter import Chapter
from training.tasks.registry import DEFAULT_PRESET, chapter_of, current_preset


def run_directory(
    *,
    task: TaskOption = "translation",
    source: DataSpec,
    preset: PresetOption = DEFAULT_PRESET,
    settings_file: SettingsFile = None,
    assignments: Assignments = None,
    more: MoreAssignments = None,
    options: dict[str, Any],
) -> None:
    """Print the directory that `fit` uses without --run."""
    config = given_settings(task, current_preset(task, preset, note=False), settings_file, assignments, more)
    typer.echo(default_run(*_named(task, source, preset, options, config)))


def model_name(
    *,
    run: NamedRun = None,
    task: TaskOption = "translation",
    source: DataSpec,
    preset: PresetOption = DEFAULT_PRESET,
    settings_file: SettingsFile = None,
    assignments: Assignments = None,
    more: MoreAssignments = None,
    options: dict[str, Any],
) -> None:
    """Print the model name that `make train` uses without NAME: other settings, another name."""
    config = given_settings(task, current_preset(task, preset, note=False), settings_file, assignments, more)
    named = _named(task, source, preset, options, config)
    typer.echo(model_of_run(run or default_run(*named), *named))


def _named(
    task: str, source: DataSpec, preset: str, options: dict[str, Any], config: Any
) -> tuple[Chapter, DataSpec, dict[str, Any], str]:
    """Return checked settings, as `default_run` takes them."""
    chapter = chapter_of(task)
    source.check(chapter)
    name = preset_in_name(chapter, current_preset(task, preset, note=False), config)
    return chapter, source, {**chapter.options_of(config), **chapter.checked(options)}, name
