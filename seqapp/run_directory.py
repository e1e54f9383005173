"""A run directory: everything a trained model is, in one folder that can be moved.

=====================  ==============================================================
``config.json``        format number, task, all settings, where the data came from
``assets/``            what the text side needs (``subwords.model`` …)
``model.weights.h5``   the best weights
``metrics.json``       scores on held-out text
``history.csv``        one row an epoch
``data/``              the splits that were trained and tested on
=====================  ==============================================================
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import seqapp
from seqapp.errors import RunDirectoryError
from seqapp.tasks.catalogue import Task, task_class

FORMAT = 1
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.weights.h5"
METRICS_FILE = "metrics.json"
HISTORY_FILE = "history.csv"
ASSETS = "assets"
DATA = "data"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`; renamed to it when the block ends well, deleted when not.

    The name ends as `path` does, so that writers which look at the ending do the same.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Writes `values` readably; the file appears whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def start_run(run: Path, task: Task, provenance: dict[str, Any]) -> None:
    """Writes what is known before training: settings, provenance and assets.

    Raises:
        RunDirectoryError: `run` holds something that is not a run.
    """
    if run.exists() and (not run.is_dir() or (any(run.iterdir()) and not (run / CONFIG_FILE).exists())):
        raise RunDirectoryError(f"run: expected a new or empty directory or an earlier run, got {run}")
    (run / ASSETS).mkdir(parents=True, exist_ok=True)
    # A run that is trained again is not complete until it is trained.
    for stale in (WEIGHTS_FILE, METRICS_FILE, HISTORY_FILE):
        (run / stale).unlink(missing_ok=True)
    task.save_assets(run / ASSETS)
    write_json(
        run / CONFIG_FILE,
        {
            "format": FORMAT,
            "seqapp": seqapp.__version__,
            "task": task.name,
            "settings": task.config.model_dump(mode="json"),
            "data": provenance,
        },
    )


def save_weights(run: Path, task: Task) -> None:
    """Writes the current weights; the file appears whole or not at all."""
    with replacing(run / WEIGHTS_FILE) as temporary:
        task.model.save_weights(temporary)


def load_weights(run: Path, task: Task) -> None:
    """Reads the weights of `run` into the task's model. Raises `RunDirectoryError`."""
    path = run / WEIGHTS_FILE
    if not path.exists():
        raise RunDirectoryError(
            f"run: {run} has no {WEIGHTS_FILE}: training has not finished its first epoch; "
            "run `python -m training fit` again"
        )
    try:
        task.model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise RunDirectoryError(
            f"run: {path} does not fit the settings in {run / CONFIG_FILE} or is damaged ({error}); "
            "train again"
        ) from error


def read_config(run: Path) -> dict[str, Any]:
    """The parsed ``config.json``. Raises `RunDirectoryError`."""
    path = run / CONFIG_FILE
    if not path.is_file():
        there = f"holds no {CONFIG_FILE}" if run.is_dir() else "is not a directory"
        raise RunDirectoryError(
            f"run: expected a run directory made by `python -m training fit --run DIR`; {run} {there}"
        )
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        known = values["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise RunDirectoryError(f"run: {path} is not a run's configuration ({error})") from error
    if known != FORMAT:
        raise RunDirectoryError(
            f"run: {path} has format {known!r}, this seqapp {seqapp.__version__} reads format {FORMAT}; "
            "use the version it was written with, or train again"
        )
    return values


def load_run(run: Path) -> Task:
    """The trained task of a run directory.

    Raises:
        RunDirectoryError: missing, incomplete, damaged, or of an unknown format.
        ConfigError: a setting that this version does not know.
    """
    values = read_config(run)
    cls = task_class(values["task"])
    assets = run / ASSETS
    if not assets.is_dir() or not any(assets.iterdir()):
        raise RunDirectoryError(f"run: {run} has no {ASSETS}/: copy the whole directory, or train again")
    task = cls.from_assets(cls.config_class.read(values["settings"]), assets)
    load_weights(run, task)
    return task
