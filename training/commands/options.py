"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from seqapp.errors import ConfigError
from training.tasks.registry import CHAPTERS

TASK_NAMES = ", ".join(CHAPTERS)
_PRESETS = "; ".join(f"{chapter.task}: {', '.join(chapter.presets)}" for chapter in CHAPTERS.values())

RunOption = Annotated[Path, typer.Option("--run", help="run directory")]
NamedRun = Annotated[
    Path | None, typer.Option("--run", help="run directory (default: as printed by `run-directory`)")
]
TaskOption = Annotated[str, typer.Option("--task", help=f"task to train: {TASK_NAMES}")]
PresetOption = Annotated[str, typer.Option("--preset", help=f"named configuration ({_PRESETS})")]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="settings in place of the preset's, all or some: JSON, TOML, or the config.json of a run",
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE …",
        help="settings in place of those of preset and --config, such as training.epochs=20; see `presets`",
    ),
]
WorkersOption = Annotated[
    str | None,
    typer.Option(
        "--workers",
        metavar="N|auto",
        help="processes on this machine that train one model together (default: 1, or as in TF_CONFIG)",
    ),
]
# What follows the first NAME=VALUE of --set.
MoreAssignments = Annotated[list[str] | None, typer.Argument(metavar="", hidden=True)]
ResamplesOption = Annotated[
    int | None,
    typer.Option("--resamples", help="bootstrap resamples for confidence intervals (default: 1000; 0: none)"),
]


def check_at_least(least: int, **values: int | None) -> None:
    """Raise `ConfigError` for an option below `least`; None is an option that was not given."""
    for name, value in values.items():
        if value is not None and value < least:
            raise ConfigError(f"--{name} must be at least {least}, got {value}")
