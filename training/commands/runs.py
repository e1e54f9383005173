"""The command `runs`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from seqapp.errors import ConfigError
from seqapp.text.printable import printable
from training.commands.tables import print_table
from training.default_names import RUNS
from training.run_list import ListedRun, listed_runs

_MOST_CHANGES = 2
_COLUMNS = (
    *("run", "task", "data", "preset", "score", "baseline"),
    *("training", "parameters", "size", "date", ""),
)


def runs(
    *,
    folder: Annotated[Path, typer.Argument(help="folder of run directories")] = RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object per run instead")] = False,
) -> None:
    """List the runs in a folder with their scores, sorted by task, data and score."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is not a folder; expected one with run directories made by `seqapp fit`")
    found = listed_runs(folder)
    if as_json:
        for run in found:
            typer.echo(json.dumps(run._asdict(), ensure_ascii=False))
        return
    if not found:
        typer.echo(f"no runs in {folder}")
        return
    readable = [run for run in found if not run.error]
    if readable:
        print_table(_COLUMNS, [_row(run, folder) for run in readable])
    for run in found:
        if run.error:
            typer.echo(printable(f"not readable: {run.error}"))


def _row(run: ListedRun, folder: Path) -> list[str]:
    name = Path(run.run).relative_to(folder)
    return [
        str(name) if name.parts else run.run,
        run.task,
        run.data,
        _preset(run),
        run.score.get("text", ""),
        run.score.get("baseline_text", ""),
        "" if run.training_seconds is None else f"{run.training_seconds:,.0f} s",
        "" if run.parameters is None else f"{run.parameters:,}",
        f"{run.bytes / 1e6:,.0f} MB",
        run.date[:16].replace("T", " "),
        run.incomplete,
    ]


def _preset(run: ListedRun) -> str:
    if len(run.changes) > _MOST_CHANGES:
        return f"{run.preset}, {len(run.changes)} settings changed"
    return ", ".join([run.preset, *(f"{name}={value}" for name, value in run.changes.items())])
