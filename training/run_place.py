"""Where a training writes: what is trained already is never destroyed silently."""

from pathlib import Path
from typing import Any

from seqapp.errors import RunDirectoryError
from seqapp.run_directory import check_place, differences, is_complete, is_trained

_MOST_SHOWN = 8


def place_to_train(run: Path, description: dict[str, Any], overwrite: bool) -> Path | None:
    """The directory to train in, None if `run` holds just this training, complete.

    A run without weights, or none at all, is trained in `run` itself. One that holds weights stays as it
    is until the new one is complete: that is trained beside it.

    Args:
        run: where the trained run shall be.
        description: of the training, see `describe_run`.
        overwrite: replace a run of other settings or other data, or train the same once more.

    Raises:
        RunDirectoryError: `run` holds another training, and `overwrite` is not set; or no run at all.
    """
    check_place(run)
    if not is_trained(run):
        return run
    if not overwrite:
        different = _differences(run, description)
        if different:
            shown = "\n  ".join([*different[:_MOST_SHOWN], *(["…"] if different[_MOST_SHOWN:] else [])])
            raise RunDirectoryError(
                f"run: {run} holds another training:\n  {shown}\nIt is kept. Name another --run, or give "
                "--overwrite to replace it once the new one is complete."
            )
        if is_complete(run):
            return None
    return _beside(run)


def _differences(run: Path, description: dict[str, Any]) -> list[str]:
    try:
        return differences(run, description)
    except RunDirectoryError as error:
        raise RunDirectoryError(
            f"{error}. It is kept. Name another --run, or give --overwrite to replace it once the new one is "
            "complete."
        ) from error


def _beside(run: Path) -> Path:
    """A new directory name beside `run`; what an interrupted training left there stays."""
    run = run.resolve()  # of a link, what it leads to; and "." has no name
    number, place = 1, run.with_name(f"{run.name}.new")
    while is_trained(place):
        number += 1
        place = run.with_name(f"{run.name}.new-{number}")
    return place
