"""The command `evaluate`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.errors import ConfigError
from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from training.commands.options import ResamplesOption, RunOption, check_at_least
from training.console import print_text
from training.data.kept_rows import read_kept
from training.data.splits import Row
from training.tasks.registry import chapter_of


def evaluate(
    *,
    run: RunOption,
    data: Annotated[
        Path | None, typer.Option("--data", help="file of rows to score (default: the test rows of the run)")
    ] = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="also score the baseline of the task")] = False,
    resamples: ResamplesOption = None,
    options: dict[str, Any],
) -> None:
    """Score a trained run; the last line printed is one JSON object."""
    say_on_interrupt(lambda: f"stopped; {run} is unchanged; the same command starts again")
    check_at_least(0, resamples=resamples)
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run, split_file
    from training.evaluation.intervals import RESAMPLES

    task = load_run(run)
    chapter = chapter_of(task.name)
    options = chapter.checked(options)
    if options and data is None:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in options)
        raise ConfigError(f"{flags} can only be used with --data FILE; test rows of a run have no columns")
    recipe = chapter.recipe(task)
    console = Console(soft_wrap=True, highlight=False)
    if data is None:
        rows: Sequence[Row] = read_kept(split_file(run, "test"))
    else:
        rows, report = chapter.read_rows(data, task.config, options)
        for line in report.lines():
            print_text(console, line)
    scores = recipe.scored_outputs(rows, RESAMPLES if resamples is None else resamples).scores
    console.print(f"{'model':<9} {recipe.score_line(scores)}")
    if baseline:
        trained, validated = (read_kept(split_file(run, part)) for part in ("train", "valid"))
        scores["baseline"] = recipe.score_baseline(trained, validated, rows)
        console.print(f"{recipe.baseline:<9} {recipe.score_line(scores['baseline'])}")
    typer.echo(json.dumps(scores, ensure_ascii=False))
