"""The options that give task, data and settings of a training, shared by several commands."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from training.commands.options import TASK_NAMES
from training.commands.signatures import in_place_of, keywords, with_signature
from training.data.data_spec import DataSpec
from training.tasks.registry import CHAPTERS, DEFAULT_PRESET
from training.training_spec import TrainingSpec

_PRESETS = "; ".join(f"{chapter.task}: {', '.join(chapter.presets)}" for chapter in CHAPTERS.values())

_Task = Annotated[str, typer.Option("--task", help=f"task to train: {TASK_NAMES}")]
_Preset = Annotated[str, typer.Option("--preset", help=f"named configuration ({_PRESETS})")]
_SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="settings in place of the preset's, all or some: JSON, TOML, or the config.json of a run",
    ),
]
_Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE …",
        help="settings in place of those of preset and --config, such as training.epochs=20; see `presets`",
    ),
]
# What follows the first NAME=VALUE of --set.
_More = Annotated[list[str] | None, typer.Argument(metavar="", hidden=True)]

_OPTIONS: dict[str, tuple[Any, Any]] = {
    "task": (_Task, "translation"),
    "source": (DataSpec, inspect.Parameter.empty),
    "preset": (_Preset, DEFAULT_PRESET),
    "settings_file": (_SettingsFile, None),
    "assignments": (_Assignments, None),
    "more": (_More, None),
}


def with_training_options(command: Callable[..., None]) -> Callable[..., None]:
    """Wrap a Typer command so that its keyword ``spec`` is the `TrainingSpec` of the options.

    The wrapper has the parameters ``source`` and ``options``, for `with_data_options` and
    `with_task_options`.
    """

    def run(*, options: dict[str, Any], **values: Any) -> None:
        given = {name: values.pop(name) for name in _OPTIONS}
        command(**values, spec=TrainingSpec(**given, options=options))

    last = keywords({"options": (dict[str, Any], inspect.Parameter.empty)})
    return with_signature(run, command, [*in_place_of("spec", command, keywords(_OPTIONS)), *last])
