"""The command `evaluate`."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.interrupts import say_on_interrupt
from seqapp.startup import import_tensorflow_quietly
from training.commands.options import ResamplesOption, RunOption, check_at_least
from training.commands.scored_rows import ScoredData, ScoredSource, ScoredTarget, read_scored
from training.data.given_files import GivenFiles
from training.data.kept_rows import read_kept
from training.data.shards.stored_rows import SAMPLE
from training.tasks.registry import chapter_of


def evaluate(
    *,
    run: RunOption,
    data: ScoredData = None,
    source: ScoredSource = None,
    target: ScoredTarget = None,
    baseline: Annotated[bool, typer.Option("--baseline", help="also score the baseline of the task")] = False,
    resamples: ResamplesOption = None,
    options: dict[str, Any],
) -> None:
    """Score a trained run; the last line printed is one JSON object."""
    say_on_interrupt(lambda: f"stopped; {run} is unchanged; the same command starts again")
    check_at_least(0, resamples=resamples)
    import_tensorflow_quietly()
    from seqapp.run_directory import load_run, read_config, split_file
    from training.evaluation.intervals import RESAMPLES

    task = load_run(run)
    chapter = chapter_of(task.name)
    recipe = chapter.recipe(task)
    console = Console(soft_wrap=True, highlight=False)
    given = GivenFiles(tuple(data or ()), source, target)
    rows = read_scored(chapter, task.config, given, options, console)
    if rows is None:
        rows = read_kept(split_file(run, "test"))
    scores = recipe.scored_outputs(rows, RESAMPLES if resamples is None else resamples).scores
    console.print(f"{'model':<9} {recipe.score_line(scores)}")
    if baseline:
        # Rows from disk are in random order.
        most = SAMPLE if read_config(run)["data"].get("on_disk") else None
        trained = read_kept(split_file(run, "train"), most)
        validated = read_kept(split_file(run, "valid"))
        scores["baseline"] = recipe.score_baseline(trained, validated, rows)
        console.print(f"{recipe.baseline:<9} {recipe.score_line(scores['baseline'])}")
    typer.echo(json.dumps(scores, ensure_ascii=False))
