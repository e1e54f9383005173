"""``python -m benchmarks.pretraining``: classifiers of few and many labels, new and from earlier runs."""

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.training_length import scored
from benchmarks.whole_numbers import positive
from seqapp.errors import SeqAppError

SCRATCH = "scratch"
ALL = "all"


class Cell(NamedTuple):
    """One training.

    Fields:
        rows: number of labelled texts, or "all".
        start: `SCRATCH`, or the name of the run that it starts from.
        seed: random seed.
    """

    rows: str
    start: str
    seed: int

    @property
    def name(self) -> str:
        """Name of the run directory."""
        return f"{self.rows}-{self.start}-seed{self.seed}"


def command(
    cell: Cell, runs: Path, origins: Mapping[str, Path], pretrained: Sequence[str], more: Sequence[str]
) -> list[str]:
    """Return the training of a cell.

    Args:
        cell: which one.
        runs: directory of the trained runs.
        origins: runs to start from, by name.
        pretrained: assignments of settings of trainings that start from a run.
        more: options of `fit`.
    """
    named = ["--task=classification", f"--run={runs / cell.name}", f"--seed={cell.seed}"]
    settings = [] if cell.rows == ALL else [f"training.max_examples={cell.rows}"]
    if cell.start != SCRATCH:
        named.append(f"--init-from={origins[cell.start]}")
        settings += pretrained
    return [sys.executable, "-m", "training", "fit", *named, *more, *(f"--set={one}" for one in settings)]


def table(scores: Mapping[Cell, Mapping[str, Any]]) -> list[str]:
    """Return a Markdown table: score in percent per number of labels and start, and the linear baseline.

    Several seeds give mean and standard deviation.
    """
    starts = list(dict.fromkeys(cell.start for cell in scores))
    lines = [f"| labels | linear baseline | {' | '.join(starts)} |", "|---:|---:|" + "---:|" * len(starts)]
    for rows in dict.fromkeys(cell.rows for cell in scores):
        of_rows = {cell: score for cell, score in scores.items() if cell.rows == rows}
        # The baseline depends on rows and seed only.
        baselines = {cell.seed: score["baseline"] for cell, score in of_rows.items()}
        columns = [list(baselines.values())]
        columns += [
            [score["score"] for cell, score in of_rows.items() if cell.start == start] for start in starts
        ]
        heading = rows if rows == ALL else f"{int(rows):,}"
        lines.append(f"| {heading} | {' | '.join(map(_shown, columns))} |")
    return lines


def _shown(values: Sequence[float]) -> str:
    mean = f"{100 * statistics.fmean(values):.1f}"
    return mean if len(values) < 2 else f"{mean} ± {100 * statistics.stdev(values):.1f}"


def main(argv: list[str] | None = None) -> int:
    """Train all cells, print a table and, as the last line, JSON. Returns the exit code."""
    parser = _parser()
    arguments, fit_options = parser.parse_known_args(argv)
    origins = {run.resolve().name: run for run in arguments.init_from}
    if len(origins) < len(arguments.init_from) or SCRATCH in origins:
        given = " ".join(map(str, arguments.init_from))
        parser.error(f"--init-from: expected runs of different names, none called {SCRATCH}, got {given}")
    scores: dict[Cell, dict[str, Any]] = {}
    for rows in arguments.rows:
        for start in (SCRATCH, *origins):
            for seed in arguments.seeds:
                cell = Cell(str(rows), start, seed)
                words = command(cell, arguments.runs, origins, arguments.pretrained_set, fit_options)
                done = subprocess.run(words, stdout=sys.stderr)
                if done.returncode:
                    return done.returncode
                try:
                    scores[cell] = scored(arguments.runs / cell.name)
                except SeqAppError as error:
                    print(f"error: {error}", file=sys.stderr)
                    return 2
    print("\n".join(table(scores)))
    print(json.dumps([{**cell._asdict(), **score} for cell, score in scores.items()]))
    return 0


def _rows(text: str) -> int | str:
    return ALL if text == ALL else positive(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pretraining",
        description="Train classifiers on samples of labelled texts, from scratch and from earlier runs, "
        "such as language models. A command that was stopped goes on, and complete runs are kept. All other "
        "options are those of `python -m training fit`: --data FILE, --test FILE, --set NAME=VALUE.",
        allow_abbrev=False,
    )
    parser.add_argument("--runs", type=Path, required=True, help="directory of the trained runs")
    parser.add_argument(
        "--init-from", type=Path, nargs="*", default=[], metavar="RUN", help="runs to start from"
    )
    parser.add_argument(
        "--rows",
        type=_rows,
        nargs="+",
        default=[100, 1000, 10_000, ALL],
        help="numbers of labelled texts to train on, or all (default: 100 1000 10000 all)",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="random seeds (default: 1)")
    parser.add_argument(
        "--pretrained-set",
        nargs="*",
        default=[],
        metavar="NAME=VALUE",
        help="settings of the trainings that start from a run, such as training.unfreeze=gradual",
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
