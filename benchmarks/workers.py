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
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.whole_numbers import positive
from seqapp.errors import ConfigError
from seqapp.run_directory import HISTORY_FILE
from training.data.corpora.registry import DEFAULT_CACHE
from training.data.data_spec import DataSpec
from training.data.splits import Splits
from training.tasks.registry import CHAPTERS, chapter_of, preset

_HELD_OUT = 16  # rows to validate and to score
_EPOCHS = 3


def load(task: str, cache: Path) -> Splits:
    """Return the default corpus of a task. Raises `SeqAppError`."""
    chapter, source = chapter_of(task), DataSpec(cache=cache)
    return source.load(chapter, source.completed(chapter, {}), seed=1)


def write_files(task: str, splits: Splits, rows: int, folder: Path) -> list[str]:
    """Write the first rows of each part to files; return the options of `fit` for them."""
    parts = {"data": splits.train[:rows], "valid": splits.valid[:_HELD_OUT], "test": splits.test[:_HELD_OUT]}
    for name, part in parts.items():
        lines = ["\t".join(" ".join(text.split()) for text in row) for row in part]
        text = "\n".join(["\t".join(chapter_of(task).columns), *lines, ""])
        (folder / f"{task}-{name}.tsv").write_text(text, encoding="utf-8")
    return [f"--{name}={folder / f'{task}-{name}.tsv'}" for name in parts]


def rate(task: str, name: str, workers: int, files: Sequence[str], folder: Path) -> float:
    """Train; return units per second in the last epoch. Raises `subprocess.CalledProcessError`."""
    run = Path(tempfile.mkdtemp(dir=folder)) / "run"
    words = ["-m", "training", "fit", f"--task={task}", f"--preset={name}", f"--run={run}", *files]
    settings = (f"training.epochs={_EPOCHS}", "training.min_steps=0", "training.averaged_epochs=1")
    subprocess.run(
        [sys.executable, *words, f"--workers={workers}", *(f"--set={one}" for one in settings)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return last_rate(run / HISTORY_FILE)


def last_rate(history: Path) -> float:
    """Return the units per second of the last epoch in ``history.csv``."""
    with history.open(encoding="utf-8") as file:
        last = list(csv.DictReader(file))[-1]
    [unit] = [name for name in last if name.endswith("_per_second")]
    return float(last[unit])


def measure(
    task: str, name: str, files: Sequence[str], arguments: argparse.Namespace, folder: Path
) -> dict[str, Any]:
    """Return the best rates of a preset with one process and with several."""
    counts = (1, arguments.workers)
    rates: dict[int, list[float]] = {count: [] for count in counts}
    for turn in range(arguments.rounds):
        for count in counts if turn % 2 == 0 else reversed(counts):
            rates[count].append(rate(task, name, count, files, folder))
    one, several = (max(rates[count]) for count in counts)
    return {
        "task": task,
        "preset": name,
        "one": round(one, 1),
        "several": round(several, 1),
        "speed_up": round(several / one, 3),
    }


def heading(workers: int) -> str:
    """Return the first line of the table."""
    return f"{'task':<16}{'preset':<14}{'1 process':>12}{f'{workers} workers':>12}{'ratio':>8}"


def line(found: Mapping[str, Any]) -> str:
    """Return the line of the table for the rates of a preset."""
    numbers = f"{found['one']:>12,.0f}{found['several']:>12,.0f}{found['speed_up']:>8.2f}"
    return f"{found['task']:<16}{found['preset']:<14}{numbers}"


def presets_of(tasks: Iterable[str], names: Sequence[str] | None) -> dict[str, list[str]]:
    """Return task → presets to train: `names`, or all without a teacher. Raises `ConfigError`."""
    found = {}
    for task in tasks:
        chapter = chapter_of(task)
        found[task] = list(names or [one for one in chapter.presets if one not in chapter.teachers])
        for name in found[task]:
            preset(task, name, "--presets")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--task", action="append", choices=sorted(CHAPTERS), help="default: all")
    parser.add_argument("--presets", nargs="+", metavar="NAME", help="default: all without a teacher")
    parser.add_argument("--workers", type=positive, default=2)
    parser.add_argument("--rows", type=positive, default=1500)
    parser.add_argument("--rounds", type=positive, default=2)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table and, as the last line, JSON."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        chosen = presets_of(arguments.task or CHAPTERS, arguments.presets)
    except ConfigError as error:
        parser.error(str(error))
    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores; {arguments.rows:,} training rows; {arguments.rounds} rounds")
    print(heading(arguments.workers))
    found = []
    with tempfile.TemporaryDirectory() as name:
        for task, presets in chosen.items():
            files = write_files(task, load(task, arguments.cache), arguments.rows, Path(name))
            for one in presets:
                found.append(measure(task, one, files, arguments, Path(name)))
                print(line(found[-1]), flush=True)
    print(json.dumps({"cores": cores, "workers": arguments.workers, "presets": found}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
