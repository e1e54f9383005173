"""Choice of the directory to train in; existing weights are never deleted silently."""

from pathlib import Path
from typing import Any

from seqapp.errors import RunDirectoryError
from seqapp.run_directory import check_place, is_complete, is_trained
from training.setting_differences import run_differences

_MOST_SHOWN = 8


def place_to_train(run: Path, description: dict[str, Any], overwrite: bool) -> Path | None:
    """Return the directory to train in, or None if `run` holds this training already, complete.

    `run` itself if it is missing, empty or has no weights. Otherwise a new directory beside it, and `run`
    stays unchanged until the new one is complete.

    Args:
        run: the run directory given by the user.
        description: the training, see `describe_run`.
        overwrite: replace a run with other settings or data, or repeat the same training.

    Raises:
        RunDirectoryError: `run` holds another training and `overwrite` is not set, or is not a run.
    """
    check_place(run)
    if not is_trained(run):
        return run
    if not overwrite:
        different = _differences(run, description)
        if different:
            shown = "\n  ".join([*different[:_MOST_SHOWN], *(["…"] if different[_MOST_SHOWN:] else [])])
            raise RunDirectoryError(
                f"{run} holds another training:\n  {shown}\nIt is kept. Give another --run (or NAME=), or "
                "--overwrite (or OVERWRITE=1) to replace it once the new one is complete."
            )
        if is_complete(run):
            return None
    return _beside(run)


def _differences(run: Path, description: dict[str, Any]) -> list[str]:
    try:
        return run_differences(run, description)
    except RunDirectoryError as error:
        raise RunDirectoryError(
            f"{error}. It is kept. Give another --run (or NAME=), or --overwrite (or OVERWRITE=1) to replace "
            "it once the new one is complete."
        ) from error


def _beside(run: Path) -> Path:
    """Return a new directory name beside `run`; results of an interrupted training are not overwritten."""
    run = run.resolve()  # follows links; and "." has no name
    number, place = 1, run.with_name(f"{run.name}.new")
    while is_trained(place):
        number += 1
        place = run.with_name(f"{run.name}.new-{number}")
    return place
