"""Trainings of the ladder, each a process of `fit`, some at a time on cores of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from training.ladder.rungs import Rung
from training.workers.local import PARENT, cores_of, own_cores, pinned

_AT_ONCE = 2
_LONGEST_REASON = 300  # characters


class Training(NamedTuple):
    """A training of one rung.

    Fields:
        rung: the rung.
        run: its run directory.
        options: of `fit`.
    """

    rung: Rung
    run: Path
    options: Sequence[str]

    @property
    def log(self) -> Path:
        """The file that its output goes to."""
        return self.run.with_name(f"{self.run.name}.log")


def at_once() -> int:
    """Return the number of trainings that run at a time."""
    return min(_AT_ONCE, len(own_cores()))


def fit_options(
    rung: Rung,
    folder: Path,
    files: Sequence[str],
    settings: Mapping[str, Any],
    *,
    minutes: float,
    seed: int,
    pair: str,
) -> list[str]:
    """Return the options of `fit` for a rung.

    Args:
        rung: the rung.
        folder: directory of the runs.
        files: options that name the rows.
        settings: of the ladder's preset.
        minutes: training time.
        seed: random seed.
        pair: languages of the pairs; "" if unknown.
    """
    options = [f"--task={rung.task}", f"--preset={rung.preset}", f"--run={folder / rung.name}"]
    options += [f"--seed={seed}", *files, "--in-memory"]
    if rung.has_epochs:
        options += [f"--minutes={minutes:g}", "--checkpoint-minutes=1"]
    if pair and rung.task == "translation":
        options.append(f"--pair={pair}")
    if rung.starts_from:
        options.append(f"--init-from={folder / rung.starts_from}")
    return [*options, *(f"--set={one}" for one in rung.assignments(settings))]


def train_all(trainings: Sequence[Training], done: Callable[[Training, str], None]) -> dict[str, str]:
    """Run all trainings; one that fails does not stop the others.

    A complete run is kept, and a stopped one goes on, as `fit` does it.

    Args:
        trainings: in an order in which a rung comes after the one that it starts from.
        done: called after each with the reason of its failure, "" if it is complete.

    Returns:
        Name of the rung → reason of its failure, "" if its run is complete.
    """
    count = at_once()
    ranks: SimpleQueue[int] = SimpleQueue()
    for rank in range(count):
        ranks.put(rank)
    found: dict[str, Future[str]] = {}

    def train(training: Training) -> str:
        origin = training.rung.starts_from
        if origin and (origin not in found or found[origin].result()):
            reason = f"it starts from {origin}, which is not trained"
        else:
            rank = ranks.get()
            try:
                reason = _run(training, cores_of(rank, count))
            finally:
                ranks.put(rank)
        done(training, reason)
        return reason

    with ThreadPoolExecutor(count) as pool:
        for training in trainings:
            found[training.rung.name] = pool.submit(train, training)
        return {name: future.result() for name, future in found.items()}


def _run(training: Training, cores: list[int]) -> str:
    """Run one training on some cores; return why it failed, or ""."""
    threads = str(len(cores))
    environment = {
        **os.environ,
        PARENT: str(os.getpid()),  # it ends with this process
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
    }
    with pinned(cores), training.log.open("wb") as log:
        done = subprocess.run(
            [sys.executable, "-m", "training", "fit", *training.options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    # The report has no paths of the machine.
    return _reason(done.returncode, training.log).replace(f"{training.run.parent}{os.sep}", "")


def _reason(code: int, log: Path) -> str:
    if code == 0:
        return ""
    if code < 0:
        return f"it was ended by signal {-code} ({signal.Signals(-code).name})"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    return (errors or [f"exit code {code}"])[-1][:_LONGEST_REASON]
