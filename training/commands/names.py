"""The commands `run-directory` and `model-name`."""

from pathlib import Path
from typing import Any

import typer

from training.commands.options import CorpusOption, DataOption, NamedRun, PresetOption, TaskOption
from training.data.data_spec import DataSpec
from training.default_names import default_run, model_of_run
from training.tasks.chapter import Chapter
from training.tasks.registry import DEFAULT_PRESET, chapter_of, current_preset
from training.tasks.registry import preset as named_preset


def run_directory(
    *,
    task: TaskOption = "translation",
    corpus: CorpusOption = None,
    data: DataOption = None,
    preset: PresetOption = DEFAULT_PRESET,
    options: dict[str, Any],
) -> None:
    """Print the directory that `fit` uses without --run."""
    typer.echo(default_run(*_named(task, corpus, data, preset, options)))


def model_name(
    *,
    run: NamedRun = None,
    task: TaskOption = "translation",
    corpus: CorpusOption = None,
    data: DataOption = None,
    preset: PresetOption = DEFAULT_PRESET,
    options: dict[str, Any],
) -> None:
    """Print the model name that `make train` uses without NAME: other settings, another name."""
    named = _named(task, corpus, data, preset, options)
    typer.echo(model_of_run(run or default_run(*named), *named))


def _named(
    task: str, corpus: str | None, data: Path | None, preset: str, options: dict[str, Any]
) -> tuple[Chapter, DataSpec, dict[str, Any], str]:
    """Return checked settings, as `default_run` takes them."""
    chapter = chapter_of(task)
    source = DataSpec(corpus, data)
    source.check()
    preset = current_preset(task, preset, note=False)
    named_preset(task, preset)
    return chapter, source, chapter.checked(options), preset
