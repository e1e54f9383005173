"""``python -m benchmarks.workers``: trainings by one process and by several, on the same cores.

For each preset, in turn and several times: `fit` with one process that uses all cores of this process,
and with `--workers N`, on the first training rows of the task's default corpus. The rate is that of the
last epoch, in which nothing is compiled any more; the best one of the rounds counts, so that other load on
the machine matters less.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.whole_numbers import positive
from training.data.corpora.registry import DEFAULT_CACHE
from training.data.data_spec import DataSpec
from training.tasks.registry import CHAPTERS, chapter_of

_HELD_OUT = 16  # rows to validate and to score
_EPOCHS = 3


def write_files(task: str, rows: int, cache: Path, folder: Path) -> list[str]:
    """Write rows of the default corpus to files; return the options of `fit` for them."""
    chapter = chapter_of(task)
    source = DataSpec(cache=cache)
    splits = source.load(chapter, source.completed(chapter, {}), seed=1)
    parts = {"data": splits.train[:rows], "valid": splits.valid[:_HELD_OUT], "test": splits.test[:_HELD_OUT]}
    for name, part in parts.items():
        lines = ["\t".join(" ".join(text.split()) for text in row) for row in part]
        text = "\n".join(["\t".join(chapter.columns), *lines, ""])
        (folder / f"{task}-{name}.tsv").write_text(text, encoding="utf-8")
    return [f"--{name}={folder / f'{task}-{name}.tsv'}" for name in parts]


def rate(task: str, preset: str, workers: int, files: Sequence[str], folder: Path) -> float:
    """Train; return units per second in the last epoch. Raises `subprocess.CalledProcessError`."""
    run = Path(tempfile.mkdtemp(dir=folder)) / "run"
    words = ["-m", "training", "fit", f"--task={task}", f"--preset={preset}", f"--run={run}", *files]
    settings = (f"training.epochs={_EPOCHS}", "training.min_steps=0", "training.averaged_epochs=1")
    subprocess.run(
        [sys.executable, *words, f"--workers={workers}", *(f"--set={one}" for one in settings)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with (run / "history.csv").open(encoding="utf-8") as file:
        last = list(csv.DictReader(file))[-1]
    [unit] = [name for name in last if name.endswith("_per_second")]
    return float(last[unit])


def measure(task: str, preset: str, arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return the best rates of a preset with one process and with several."""
    files = write_files(task, arguments.rows, arguments.cache, folder)
    counts = (1, arguments.workers)
    rates: dict[int, list[float]] = {count: [] for count in counts}
    for turn in range(arguments.rounds):
        for count in counts if turn % 2 == 0 else reversed(counts):
            rates[count].append(rate(task, preset, count, files, folder))
    one, several = (max(rates[count]) for count in counts)
    return {
        "task": task,
        "preset": preset,
        "one": round(one, 1),
        "several": round(several, 1),
        "speed_up": round(several / one, 3),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table and, as the last line, JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--task", action="append", choices=sorted(CHAPTERS), help="default: all")
    parser.add_argument("--presets", nargs="+", metavar="NAME", help="default: all without a teacher")
    parser.add_argument("--workers", type=positive, default=2)
    parser.add_argument("--rows", type=positive, default=1500)
    parser.add_argument("--rounds", type=positive, default=2)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    arguments = parser.parse_args(argv)
    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores; {arguments.rows:,} training rows; {arguments.rounds} rounds")
    print(f"{'task':<16}{'preset':<14}{'1 process':>12}{f'{arguments.workers} workers':>12}{'ratio':>8}")
    found = []
    with tempfile.TemporaryDirectory() as name:
        for task in arguments.task or CHAPTERS:
            chapter = chapter_of(task)
            without_teacher = [preset for preset in chapter.presets if preset not in chapter.teachers]
            for preset in arguments.presets or without_teacher:
                row = measure(task, preset, arguments, Path(name))
                found.append(row)
                numbers = f"{row['one']:>12,.0f}{row['several']:>12,.0f}{row['speed_up']:>8.2f}"
                print(f"{task:<16}{preset:<14}{numbers}", flush=True)
    print(json.dumps({"cores": cores, "workers": arguments.workers, "presets": found}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
