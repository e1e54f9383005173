"""Brings a version directory into being: whole, or not at all."""

import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqapp.errors import ExportError
from seqapp.interrupts import removed_on_interrupt

# Not a number, so that no server takes it for a version.
_PREFIX = ".exporting-"
# Digits of ASCII alone, as the server reads them; a 64-bit number.
_NUMBER = re.compile("[0-9]{1,18}")
_LEFTOVER_SECONDS = 24 * 3600


class Draft:
    """A version that is being written.

    Fields:
        directory: where to write.
        version: the published directory, once the block has ended well.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.version: Path | None = None


@contextmanager
def new_version(model: Path) -> Iterator[Draft]:
    """A draft directory below `model`; renamed to the next version number when the block ends well.

    A server that polls `model` sees the version at once and whole. When the block fails the draft is
    deleted; a killed process leaves a name that no server reads, swept away a day later.

    Raises:
        ExportError: `model` is a file, or it or the version cannot be written (a full disk, say).
    """
    try:
        model.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise ExportError(
            f"model: expected a directory to put versions into, got a file at {model}"
        ) from None
    except OSError as error:
        raise ExportError(f"model: {model} cannot be created ({error.strerror})") from error
    _remove_leftovers(model)
    writing_failed: tuple[type[Exception], ...] = (OSError, *_tensorflow_errors())
    draft = Draft(model / f"{_PREFIX}{uuid.uuid4().hex}")
    try:
        with removed_on_interrupt(draft.directory):
            yield draft
            draft.version = _rename(draft.directory, model)
    except writing_failed as error:
        raise ExportError(
            f"model: no version could be written below {model}: {error}; see that there is room on the disk"
        ) from error
    finally:
        shutil.rmtree(draft.directory, ignore_errors=True)


def versions(model: Path) -> list[int]:
    """Returns the version numbers below `model`, ascending.

    Raises:
        ExportError: `model` cannot be listed.
    """
    try:
        children = list(model.iterdir())
    except OSError as error:
        raise ExportError(f"model: {model} cannot be listed ({error.strerror})") from error
    return sorted(int(path.name) for path in children if _NUMBER.fullmatch(path.name) and path.is_dir())


def _tensorflow_errors() -> tuple[type[Exception], ...]:
    """What TensorFlow makes of a full disk, a file that is too large, a lost permission."""
    # Imported late: commands that only look for versions begin without TensorFlow's notes on the machine.
    from tensorflow import errors

    return (
        errors.ResourceExhaustedError,
        errors.OutOfRangeError,
        errors.PermissionDeniedError,
        errors.UnknownError,
    )


def _rename(directory: Path, model: Path) -> Path:
    while True:
        version = model / str(max(versions(model), default=0) + 1)
        try:
            directory.rename(version)
            return version
        except OSError:
            # Another export may have taken the number.
            if not version.exists():
                raise


def _remove_leftovers(model: Path) -> None:
    for path in model.glob(f"{_PREFIX}*"):
        if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
