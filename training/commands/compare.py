"""The command `compare`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seqapp.interrupts import say_on_interrupt
from training.commands.options import ResamplesOption, check_at_least
from training.commands.scored_rows import ScoredData, ScoredSource, ScoredTarget, read_scored
from training.commands.tables import print_table
from training.console import print_text
from training.data.given_files import GivenFiles
from training.evaluation.score_format import ScoreFormat


def compare(
    *,
    runs: Annotated[list[Path], typer.Argument(help="run directories; the others are compared to the first")],
    data: ScoredData = None,
    source: ScoredSource = None,
    target: ScoredTarget = None,
    resamples: ResamplesOption = None,
    options: dict[str, Any],
) -> None:
    """Compare runs on the same rows, with paired tests of significance; the last line is one JSON object."""
    say_on_interrupt(lambda: "stopped; the runs are unchanged; the same command starts again")
    check_at_least(0, resamples=resamples)
    from training.compared_runs import check_unseen, common_test_rows, compared_runs, outputs_of
    from training.evaluation.comparison import compared_scores
    from training.evaluation.intervals import RESAMPLES

    chapter, opened = compared_runs(runs)
    config = opened[0].config
    console = Console(soft_wrap=True, highlight=False)
    given = GivenFiles(tuple(data or ()), source, target)
    rows = read_scored(chapter, config, given, options, console)
    kept = rows is None
    if rows is None:
        rows = common_test_rows(opened)
    check_unseen(opened, rows)
    outputs = [outputs_of(run, chapter, rows, kept) for run in opened]
    compared = compared_scores(
        [chapter.measures(config, rows, found) for found in outputs],
        RESAMPLES if resamples is None else resamples,
        [chapter.comparison_limits(outputs[0], found) for found in outputs],
    )
    found: dict[str, Any] = {
        "task": chapter.task,
        "data": given.shown or str(runs[0]),
        "rows": len(rows),
        "runs": [{"run": str(run), **entry} for run, entry in zip(runs, compared, strict=True)],
    }
    kind = "test rows" if kept else "rows"
    print_text(console, f"{len(rows):,} {kind} of {found['data']}; differences are to {runs[0]}")
    _print(chapter.shown_scores(config), found["runs"])
    for run in found["runs"]:
        for note in run.get("notes", ()):
            print_text(console, f"note: {run['run']}: {note}")
    typer.echo(json.dumps(found, ensure_ascii=False))


def _print(shown: Sequence[ScoreFormat], runs: Sequence[dict[str, Any]]) -> None:
    rows = []
    for score in shown:
        if score.key not in runs[0]["scores"]:
            continue
        for run in runs:
            value = score.value(run["scores"]) if score.key in run["scores"] else "–"
            rows.append([score.name if run is runs[0] else "", run["run"], value, *_against(score, run)])
    print_table(["score", "run", "value", "difference", "p", "test"], rows)


def _against(score: ScoreFormat, run: dict[str, Any]) -> list[str]:
    if "differences" not in run:
        return ["", "", ""]
    if (found := run["differences"].get(score.key)) is None:
        return ["–", "", ""]
    p = f"{found['p']:.3f}" if found["p"] >= 0.001 else "< 0.001"
    return [score.difference(found["difference"], found["interval"]), p, found["test"]]
