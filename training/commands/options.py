"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from seqapp.errors import ConfigError
from training.tasks.registry import CHAPTERS

TASK_NAMES = ", ".join(CHAPTERS)

RunOption = Annotated[Path, typer.Option("--run", help="run directory")]
NamedRun = Annotated[
    Path | None, typer.Option("--run", help="run directory (default: as printed by `run-directory`)")
]
WorkersOption = Annotated[
    str | None,
    typer.Option(
        "--workers",
        metavar="N|auto",
        help="processes on this machine that train one model together (default: 1, or as in TF_CONFIG)",
    ),
]
ResamplesOption = Annotated[
    int | None,
    typer.Option("--resamples", help="bootstrap resamples for confidence intervals (default: 1000; 0: none)"),
]


def check_at_least(least: int, **values: int | None) -> None:
    """Raise `ConfigError` for an option below `least`; None is an option that was not given."""
    for name, value in values.items():
        if value is not None and value < least:
            raise ConfigError(f"--{name} must be at least {least}, got {value}")
