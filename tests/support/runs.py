"""Run directories to test with."""

from pathlib import Path

from seqapp.run_directory import save_best, start_run
from tests.support.classification import small_classifier, with_linear
from tests.support.tasks import small_task


def write_runs(folder: Path) -> None:
    """``runs/translation`` and ``runs/classification`` below `folder`: small, with random weights."""
    for task in (small_task(), with_linear(small_classifier())):
        run = folder / "runs" / task.name
        start_run(run, task, {"corpus": "four examples"})
        save_best(run, task)
