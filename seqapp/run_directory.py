"""A run directory: everything a trained model is, in one folder that can be moved.

=====================  ==============================================================
``config.json``        format number, task, all settings, where the data came from
``assets/``            what stands beside the network (``subwords.model`` …)
``model.weights.h5``   the best weights
``metrics.json``       scores on held-out text; written last: a run that has it is complete
``history.csv``        one row per epoch
``checkpoint.npz``     what the training goes on from: all variables, and the state of the epochs
``data/``              training, validation and test rows; what a student was trained on in their place;
                       outputs for the test rows
=====================  ==============================================================
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import seqapp
from seqapp.atomic_files import atomic_write, scratch_directory, write_json
from seqapp.errors import RunDirectoryError, SeqAppError
from seqapp.interrupts import removed_on_interrupt, undisturbed

if TYPE_CHECKING:
    from seqapp.tasks.base import Task

FORMAT = 2
CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.weights.h5"
METRICS_FILE = "metrics.json"
HISTORY_FILE = "history.csv"
CHECKPOINT_FILE = "checkpoint.npz"
ASSETS = "assets"
DATA = "data"
PARTS = ("train", "valid", "test")
# Bytes that are read at most: a run may come from anybody.
_LARGEST_CONFIG = 2**20
_LARGEST_ASSET = 2**28


def split_file(run: Path, part: str) -> Path:
    """Where a run keeps its rows of one of `PARTS`: a column per feature, tab-separated, gzip."""
    return run / DATA / f"{part}.tsv.gz"


def describe_run(task: str, settings: Any, provenance: dict[str, Any]) -> dict[str, Any]:
    """What ``config.json`` holds.

    Args:
        task: name of the task.
        settings: its configuration.
        provenance: where the rows came from.
    """
    return {
        "format": FORMAT,
        "seqapp": seqapp.__version__,
        "task": task,
        "settings": settings.model_dump(mode="json"),
        "data": provenance,
    }


def is_run(path: Path) -> bool:
    """Whether `path` is a directory with a run's configuration in it."""
    return (path / CONFIG_FILE).is_file()


def is_trained(path: Path) -> bool:
    """Whether the run at `path` holds weights."""
    return (path / WEIGHTS_FILE).is_file()


def is_begun(path: Path) -> bool:
    """Whether the run at `path` holds weights, or a checkpoint before the first ones."""
    return is_trained(path) or (path / CHECKPOINT_FILE).is_file()


def is_complete(path: Path) -> bool:
    """Whether the training of the run at `path` came to its end."""
    return is_trained(path) and (path / METRICS_FILE).is_file()


def check_place(run: Path) -> None:
    """Raises `RunDirectoryError` if `run` holds something that is not a run."""
    if run.exists() and (not run.is_dir() or (any(run.iterdir()) and not is_run(run))):
        raise RunDirectoryError(f"run: expected a new or empty directory or an earlier run, got {run}")


def start_run(run: Path, task: Task, provenance: dict[str, Any]) -> None:
    """Writes what is known before training: settings, provenance and assets.

    Raises:
        RunDirectoryError: `run` holds something that is not a run, or trained weights already.
    """
    check_place(run)
    if is_begun(run):
        raise RunDirectoryError(f"run: {run} holds a training, which this would replace; give another")
    # An optional asset of an earlier start must not be taken for one of this training.
    shutil.rmtree(run / ASSETS, ignore_errors=True)
    run.mkdir(parents=True, exist_ok=True)
    # First: without it the directory would not be taken for a run when this is stopped and begins again.
    write_json(run / CONFIG_FILE, describe_run(task.name, task.config, provenance))
    (run / ASSETS).mkdir()
    save_assets(run, task)


def save_assets(run: Path, task: Task) -> None:
    """Writes all assets; each file appears whole or not at all."""
    for asset in task.assets().values():
        with atomic_write(run / ASSETS / asset.file_name) as temporary:
            asset.save(temporary)


def save_best(run: Path, task: Task) -> None:
    """Writes the current weights, and the assets that were fitted to them.

    All files are whole before the first one is replaced.
    """
    with ExitStack() as files:
        for keyword in sorted(task.refitted_assets):
            asset = task.assets()[keyword]
            asset.save(files.enter_context(atomic_write(run / ASSETS / asset.file_name)))
        task.model.save_weights(files.enter_context(atomic_write(run / WEIGHTS_FILE)))
        with undisturbed():
            files.close()


@contextmanager
def _damage_reported(run: Path) -> Iterator[None]:
    """Makes a `RunDirectoryError` of whatever the files of a run, which may come from anybody, lead to."""
    try:
        yield
    except RunDirectoryError:
        raise
    except SeqAppError as error:
        raise RunDirectoryError(f"run: {run}: {error}") from error
    # Parsers of four libraries read these files, each with errors of its own, RecursionError and
    # MemoryError among them.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise RunDirectoryError(
            f"run: {run} is damaged ({type(error).__name__}: {reason}); copy the whole run directory, or "
            "train again"
        ) from error


def check_file(run: Path, path: Path, most_bytes: int | None = None) -> None:
    """Raises `RunDirectoryError` if a file leads out of its run, is no plain file or is too large."""
    place = path.resolve()
    if not place.is_relative_to(run.resolve()):
        raise RunDirectoryError(f"run: {path} is a link out of the run, to {place}; copy the file itself")
    if path.exists() and not path.is_file():
        raise RunDirectoryError(f"run: {path} is not a plain file; copy the whole run directory")
    if most_bytes is not None and path.is_file() and path.stat().st_size > most_bytes:
        raise RunDirectoryError(f"run: {path} is larger than {most_bytes:,} bytes; no run writes such a file")


def load_weights(run: Path, task: Task) -> None:
    """Reads the weights of `run` into the task's model. Raises `RunDirectoryError`."""
    path = run / WEIGHTS_FILE
    check_file(run, path)
    if not path.exists():
        raise RunDirectoryError(
            f"run: {run} has no {WEIGHTS_FILE}: training has not finished its first epoch; "
            "run `seqapp fit` again"
        )
    try:
        task.model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise RunDirectoryError(
            f"run: {path} does not fit the settings in {run / CONFIG_FILE} or is damaged ({error}); "
            "train again"
        ) from error


def read_config(run: str | PathLike[str]) -> dict[str, Any]:
    """The parsed ``config.json``. Raises `RunDirectoryError`."""
    run = Path(run)
    path = run / CONFIG_FILE
    if not path.is_file():
        there = f"holds no {CONFIG_FILE}" if run.is_dir() else "is not a directory"
        raise RunDirectoryError(
            f"run: expected a run directory made by `seqapp fit --run DIR`; {run} {there}"
        )
    check_file(run, path, _LARGEST_CONFIG)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        known = values["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunDirectoryError(f"run: {path} is not a run's configuration ({error})") from error
    if known != FORMAT:
        raise RunDirectoryError(
            f"run: {path} has format {repr(known)[:40]}, this seqapp {seqapp.__version__} reads format "
            f"{FORMAT}; use the version it was written with, or train again"
        )
    missing = [key for key in ("task", "settings", "data") if key not in values]
    if missing:
        raise RunDirectoryError(f"run: {path} lacks {', '.join(missing)}; copy the whole run, or train again")
    for key, kind in (("task", str), ("settings", dict), ("data", dict)):
        if not isinstance(values[key], kind):
            expected = "a name" if kind is str else "an object"
            raise RunDirectoryError(f"run: {path}: {key}: expected {expected}, got {repr(values[key])[:40]}")
    return values


def load_task(run: str | PathLike[str]) -> Task:
    """The task of a run directory with its assets, its weights new.

    Nothing in the directory is executed, and no link is followed out of it.

    Raises:
        RunDirectoryError: missing, incomplete, damaged, of an unknown format, with a setting that this
            version does not have, or with sizes beyond the bounds of `seqapp.config`.
    """
    # Here, since it imports TensorFlow, which no other function needs.
    from seqapp.tasks.registry import task_class

    run = Path(run)
    with _damage_reported(run):
        values = read_config(run)
        cls = task_class(values["task"])
        config = cls.config_class.read(values["settings"])
        cls = cls.class_for(config)
        for kind in cls.asset_classes.values():
            most = getattr(kind, "most_bytes", _LARGEST_ASSET)
            check_file(run, run / ASSETS / kind.file_name, most)
        return cls.from_assets(config, run / ASSETS)


def load_run(run: str | PathLike[str]) -> Task:
    """The trained task of a run directory. Raises as `load_task`."""
    task = load_task(run)
    with _damage_reported(Path(run)):
        load_weights(Path(run), task)
    return task


def save_run(
    run: Path,
    task: Task,
    origin: Path,
    provenance: dict[str, Any],
    fine_tuning: dict[str, Any] | None = None,
    overwrite: bool = False,
) -> None:
    """Writes a trained task as a complete run directory, which appears whole or not at all.

    Args:
        run: a new or empty directory.
        task: with its weights.
        origin: the run that it was loaded from; its rows come along, and its scores if nothing was trained.
        provenance: where the rows came from.
        fine_tuning: what was trained since, and how; None for nothing.
        overwrite: replace the run at `run`.

    Raises:
        RunDirectoryError: `run` holds something, and `overwrite` is not set; or something else than a run.
    """
    check_place(run)
    if is_run(run) and not overwrite:
        raise RunDirectoryError(f"run: {run} holds a run already; name another, or give overwrite=True")
    config = task.config
    if fine_tuning:
        training = config.training.with_changes(init_from=str(origin))
        config = config.with_changes(training=training)
        provenance = {**provenance, "fine_tuning": fine_tuning}
    run.parent.mkdir(parents=True, exist_ok=True)
    with scratch_directory(run.parent, f".{run.name}.") as scratch:
        place = scratch / run.resolve().name
        (place / ASSETS).mkdir(parents=True)
        write_json(place / CONFIG_FILE, describe_run(task.name, config, provenance))
        save_assets(place, task)
        task.model.save_weights(place / WEIGHTS_FILE)
        for part in PARTS:
            kept = split_file(origin, part)
            if kept.is_file():
                (place / DATA).mkdir(exist_ok=True)
                shutil.copyfile(kept, split_file(place, part))
        metrics = origin / METRICS_FILE
        if fine_tuning or not metrics.is_file():
            write_json(place / METRICS_FILE, {"fine_tuning": fine_tuning or {}})
        else:
            shutil.copyfile(metrics, place / METRICS_FILE)
        if is_run(run):
            replace_run(run, place)
        else:
            place.rename(run.resolve())


def replace_run(run: Path, trained: Path) -> None:
    """Puts the complete run at `trained` in the place of the one at `run`, which is deleted after that."""
    run = run.resolve()  # of a link, what it leads to
    old = run.with_name(f".{run.name}.replaced")
    if old.exists():
        shutil.rmtree(old)
    with undisturbed():
        run.rename(old)
        trained.rename(run)
    with removed_on_interrupt(old):
        shutil.rmtree(old)
