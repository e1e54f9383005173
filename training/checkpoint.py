"""The checkpoint of a training: all variables and the state of its callbacks, in one file."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt

from seqapp.atomic_files import atomic_write
from seqapp.errors import RunDirectoryError
from seqapp.run_directory import CHECKPOINT_FILE, check_file

_STATE = "state"


class TrainingState(BaseModel):
    """How far a training has come.

    Attributes:
        epoch: finished epochs.
        step: batches of the next epoch.
        seconds: training time.
        history: the scores of each epoch.
        best_score, best_epoch: see `BestWeights`.
        stored: epoch → rank of the weights that are stored to be averaged.
        averaged: entries of ``metrics.json`` on the averaged weights, once they are kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    epoch: NonNegativeInt
    step: NonNegativeInt
    seconds: NonNegativeFloat
    history: list[dict[str, int | float]]
    best_score: tuple[float, float]
    best_epoch: NonNegativeInt
    stored: dict[int, tuple[float, float]]
    averaged: dict[str, Any] = {}


class Checkpoint(NamedTuple):
    """What a training goes on from.

    Fields:
        state: how far it has come.
        variables: weights, random states and optimizer variables.
        metrics: variables of the metrics, in the middle of an epoch.
    """

    state: TrainingState
    variables: list[np.ndarray]
    metrics: list[np.ndarray]


def save_checkpoint(run: Path, model: keras.Model, state: TrainingState) -> None:
    """Write all variables of a compiled model and `state` to the run, atomically.

    The variables are the weights, the states of the random generators, and those of optimizer and metrics.
    """
    found = Checkpoint(state, _values(_variables(model)), _values(model.metrics_variables))
    write_checkpoint(run, found)


def write_checkpoint(run: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint to the run, atomically."""
    text = json.dumps(checkpoint.state.model_dump()).encode()  # with infinity, which pydantic writes as null
    arrays = {
        f"{name}_{place}": value
        for name in ("variables", "metrics")
        for place, value in enumerate(getattr(checkpoint, name))
    }
    arrays[_STATE] = np.frombuffer(text, np.uint8)
    with atomic_write(run / CHECKPOINT_FILE) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_checkpoint(run: Path) -> Checkpoint | None:
    """Return the checkpoint of the run; None if it has none. Raises `RunDirectoryError`."""
    path = run / CHECKPOINT_FILE
    check_file(run, path)
    if not path.exists():
        return None
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            state = TrainingState.model_validate(json.loads(file[_STATE].tobytes()))
            return Checkpoint(state, _numbered(file, "variables"), _numbered(file, "metrics"))
    # Of zip files, arrays and JSON, each with errors of its own.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise RunDirectoryError(
            f"run: {path} is damaged ({type(error).__name__}: {reason}); delete it, and the same command "
            "starts the training again"
        ) from error


def restore_variables(model: keras.Model, checkpoint: Checkpoint) -> None:
    """Assign weights, random states, optimizer variables. Raises `RunDirectoryError` if they do not fit."""
    model.optimizer.build(model.trainable_variables)
    _assign(_variables(model), checkpoint.variables)


def restore_metrics(model: keras.Model, checkpoint: Checkpoint) -> None:
    """Assign the variables of the metrics, which are built. Raises `RunDirectoryError` if they do not fit."""
    _assign(model.metrics_variables, checkpoint.metrics)


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def _values(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def _numbered(file: Any, name: str) -> list[np.ndarray]:
    count = sum(key.startswith(f"{name}_") for key in file.files)
    return [file[f"{name}_{place}"] for place in range(count)]


def _assign(variables: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    shapes = [tuple(variable.shape) for variable in variables]
    if shapes != [value.shape for value in values]:
        raise RunDirectoryError(
            f"run: {CHECKPOINT_FILE} has other variables ({len(values)}) than this training "
            f"({len(variables)}); delete it, and the same command starts the training again"
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
