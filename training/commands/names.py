"""The commands `run-directory` and `model-name`."""

from typing import Any

import typer

from training.commands.options import NamedRun
from training.data.data_spec import DataSpec
from training.default_names import default_run, model_of_run, preset_in_name
from training.tasks.chapter import Chapter
from training.tasks.registry import current_preset
from training.training_spec import TrainingSpec


def run_directory(*, spec: TrainingSpec) -> None:
    """Print the directory that `fit` uses without --run."""
    typer.echo(default_run(*_named(spec)))


def model_name(*, run: NamedRun = None, spec: TrainingSpec) -> None:
    """Print the model name that `make train` uses without NAME: other settings, another name."""
    named = _named(spec)
    typer.echo(model_of_run(run or default_run(*named), *named))


def _named(spec: TrainingSpec) -> tuple[Chapter, DataSpec, dict[str, Any], str]:
    """Return what gives a training its name, as `default_run` takes it. Raises `ConfigError`."""
    preset = current_preset(spec.task, spec.preset, note=False)
    config = spec.config(preset)
    spec.source.check(spec.chapter)
    name = preset_in_name(spec.chapter, preset, config)
    return spec.chapter, spec.source, spec.task_options(config), name
