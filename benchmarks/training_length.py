"""``python -m benchmarks.training_length``: scores by number of rows and length of the training."""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.whole_numbers import positive
from seqapp.errors import SeqAppError
from seqapp.run_directory import METRICS_FILE, read_config
from training.run_list import main_score
from training.tasks.registry import chapter_of

DEFAULT = "default"
FIXED = ("training.min_steps=0", "training.patience=null")


def command(run: Path, rows: int, epochs: str, more: Sequence[str]) -> list[str]:
    """Return the training of one cell: a number of epochs without `FIXED`, or the length of the settings."""
    length = () if epochs == DEFAULT else (*FIXED, f"training.epochs={epochs}")
    settings = (f"training.max_examples={rows}", *length)
    fit = ("-m", "training", "fit", f"--run={run}", *more, "--set", *settings)
    return [sys.executable, *fit]


def scored(run: Path) -> dict[str, Any]:
    """Return score, best epoch, number of epochs and seconds of a complete run."""
    metrics = json.loads((run / METRICS_FILE).read_text(encoding="utf-8"))
    values = read_config(run)
    chapter = chapter_of(values["task"])
    score = main_score(chapter.shown_scores(chapter.read_config(values["settings"])), metrics)
    return {
        "score": score["value"],
        "baseline": score["baseline"],
        "best_epoch": metrics["best_epoch"],
        "seconds": metrics["training_seconds"],
    }


def table(cells: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Return a Markdown table: per number of rows and length the score, the best epoch and the time."""
    lengths = list(dict.fromkeys(length for row in cells.values() for length in row))
    lines = [
        "| rows | baseline | " + " | ".join(_heading(length) for length in lengths) + " |",
        "|---:|---:|" + "---:|" * len(lengths),
    ]
    for rows, row in cells.items():
        baseline = next(iter(row.values()))["baseline"]
        shown = [
            f"{one['score']:.4g} ({one['best_epoch']}), {one['seconds']:,.0f} s" for one in row.values()
        ]
        lines.append(f"| {int(rows):,} | {baseline:.4g} | " + " | ".join(shown) + " |")
    return lines


def _heading(length: str) -> str:
    return "default" if length == DEFAULT else f"{length} epochs"


def main(argv: list[str] | None = None) -> int:
    """Train all cells, print a table and, as the last line, JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training_length",
        description="Train on samples of the rows, for fixed numbers of epochs and for the default length. "
        "A command that was stopped goes on. All other options are those of `python -m training fit`.",
        allow_abbrev=False,
    )
    parser.add_argument("--rows", type=positive, nargs="+", default=[300, 3000, 30_000])
    parser.add_argument("--epochs", type=positive, nargs="*", default=[4, 16, 64, 256])
    parser.add_argument("--runs", type=Path, required=True, help="directory of the trained runs")
    arguments, fit_options = parser.parse_known_args(argv)
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for rows in arguments.rows:
        for epochs in (*map(str, arguments.epochs), DEFAULT):
            run = arguments.runs / f"{rows}-{epochs}"
            done = subprocess.run(command(run, rows, epochs, fit_options), stdout=sys.stderr)
            if done.returncode:
                return done.returncode
            try:
                cells.setdefault(str(rows), {})[epochs] = scored(run)
            except SeqAppError as error:
                print(f"error: {error}", file=sys.stderr)
                return 2
    print("\n".join(table(cells)))
    print(json.dumps(cells))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
