"""Choice of the directory to train in; existing weights are never deleted silently."""

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from seqapp.atomic_files import scratch_directory
from seqapp.errors import RunDirectoryError
from seqapp.run_directory import (
    CHECKPOINT_FILE,
    METRICS_FILE,
    check_place,
    is_begun,
    is_complete,
    read_config,
)
from training.setting_differences import run_differences

_MOST_SHOWN = 8


class Place(NamedTuple):
    """Where to train.

    Fields:
        directory: the run directory to write.
        goes_on: whether it holds a checkpoint of this training.
    """

    directory: Path
    goes_on: bool = False


def place_to_train(run: Path, description: dict[str, Any], overwrite: bool) -> Place | None:
    """Return where to train, or None if `run` holds this training already, complete.

    `run` itself if it is missing, empty or not begun, or if it has a checkpoint of this training. Otherwise
    a directory beside it, and `run` stays unchanged until the new one is complete: a new directory, one
    with a checkpoint of this training, or a copy of a complete run of fewer epochs or minutes.

    Args:
        run: the run directory given by the user.
        description: the training, see `describe_run`.
        overwrite: replace a run with other settings or data, or repeat the same training.

    Raises:
        RunDirectoryError: `run` holds another training and `overwrite` is not set, or is not a run.
    """
    check_place(run)
    if not is_begun(run):
        return Place(run)
    if not overwrite:
        compared = _with_length_of(run, description)
        if different := _differences(run, compared):
            shown = "\n  ".join([*different[:_MOST_SHOWN], *(["…"] if different[_MOST_SHOWN:] else [])])
            raise RunDirectoryError(
                f"{run} holds another training:\n  {shown}\nIt is kept. Give another --run (or NAME=), or "
                "--overwrite (or OVERWRITE=1) to replace it once the new one is complete."
            )
        if _has_checkpoint(run) and not is_complete(run):
            return Place(run, goes_on=True)
        if is_complete(run) and compared == description:
            return None
        if is_complete(run):
            return _begun_beside(run, description) or Place(_copied(run), goes_on=True)
    return _begun_beside(run, description) or Place(_new_beside(run))


def _has_checkpoint(run: Path) -> bool:
    return (run / CHECKPOINT_FILE).is_file()


def _copied(run: Path) -> Path:
    """Copy a complete run to a new directory beside it, without its scores."""
    place = _new_beside(run)
    if place.exists():
        shutil.rmtree(place)
    with scratch_directory(place.parent, f".{place.name}.") as scratch:
        shutil.copytree(run, scratch / place.name, ignore=shutil.ignore_patterns(METRICS_FILE))
        (scratch / place.name).rename(place)
    return place


def _with_length_of(run: Path, description: dict[str, Any]) -> dict[str, Any]:
    """Return the description with epochs and minutes of `run`, if it has a checkpoint and those are fewer."""
    try:
        before = read_config(run)["settings"]["training"]
    except (RunDirectoryError, KeyError, TypeError):
        return description
    if not (_has_checkpoint(run) and isinstance(before, dict)):
        return description
    settings = description["settings"]
    training = dict(settings["training"])
    for name in ("epochs", "minutes"):
        if _is_less(before.get(name), training.get(name)):
            training[name] = before[name]
    return {**description, "settings": {**settings, "training": training}}


def _is_less(before: Any, now: Any) -> bool:
    """Whether a length is less than another; None is no limit."""
    return isinstance(before, int | float) and (now is None or before < now)


def _differences(run: Path, description: dict[str, Any]) -> list[str]:
    try:
        return run_differences(run, description)
    except RunDirectoryError as error:
        raise RunDirectoryError(
            f"{error}. It is kept. Give another --run (or NAME=), or --overwrite (or OVERWRITE=1) to replace "
            "it once the new one is complete."
        ) from error


def _beside(run: Path) -> Iterator[Path]:
    """Yield the names of directories beside `run`, in the order in which they are used."""
    run = run.resolve()  # follows links; and "." has no name
    yield run.with_name(f"{run.name}.new")
    for number in itertools.count(2):
        yield run.with_name(f"{run.name}.new-{number}")


def _begun_beside(run: Path, description: dict[str, Any]) -> Place | None:
    """Return the directory beside `run` that has a checkpoint of this training."""
    for place in itertools.takewhile(is_begun, _beside(run)):
        if _has_checkpoint(place) and not is_complete(place):
            with contextlib.suppress(RunDirectoryError):
                if not run_differences(place, _with_length_of(place, description)):
                    return Place(place, goes_on=True)
    return None


def _new_beside(run: Path) -> Path:
    """Return a directory beside `run` that is not begun; results of another training are not overwritten."""
    return next(place for place in _beside(run) if not is_begun(place))
