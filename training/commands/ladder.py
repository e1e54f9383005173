"""The command `ladder`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from seqapp.errors import ConfigError
from seqapp.interrupts import say_on_interrupt
from training.commands.options import check_at_least
from training.data.data_spec import DataSpec
from training.ladder.presets import PRESETS, ladder_preset

_MOST_MINUTES = 10_000

_Preset = Annotated[str, typer.Option("--preset", help=f"lengths and sizes: {', '.join(PRESETS)}")]
_Pair = Annotated[str | None, typer.Option("--pair", help="languages, source first: en-ko, pt-BR-de …")]
_Folder = Annotated[Path, typer.Option("--folder", help="directory of the runs")]
_Report = Annotated[
    Path,
    typer.Option(
        "--report", metavar="PAGE", help="page to write; the Korean one is written to ko/ beside it"
    ),
]
_Minutes = Annotated[
    float | None, typer.Option("--minutes", help="time of all trainings (default: set by the preset)")
]
_Seed = Annotated[int, typer.Option("--seed", help="random seed")]


def ladder(
    *,
    preset: _Preset = "base",
    source: DataSpec,
    pair: _Pair = None,
    folder: _Folder = Path("runs/ladder"),
    report: _Report = Path("docs/ladder.md"),
    minutes: _Minutes = None,
    seed: _Seed = 1,
) -> None:
    """Train models of growing ability on the same data, and write a report of what each step gains."""
    ladder_preset(preset)
    check_at_least(0, seed=seed)
    if minutes is not None and not 0 < minutes <= _MOST_MINUTES:
        raise ConfigError(f"--minutes must be above 0 and at most {_MOST_MINUTES:,}, got {minutes:g}")
    from training.ladder.ladder import Settings, climb
    from training.ladder.publish import check_report, publish
    from training.ladder.rows import read_rows

    check_report(report)
    say_on_interrupt(lambda: "stopped; complete trainings are kept, and the same command goes on")
    console = Console(soft_wrap=True, highlight=False)
    rows = read_rows(source, pair, seed, console)
    results = climb(Settings(preset, minutes, seed, folder), rows, console)
    for path in publish(results, report):
        typer.echo(path)
