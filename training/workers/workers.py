"""What a training does with its workers: nothing with a single one, and the part of rank 0 with several."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console

from seqapp.run_directory import ASSETS, CONFIG_FILE
from training.data.pipeline import Batches
from training.schedule import WarmupSchedule
from training.workers.cluster import Cluster
from training.workers.collective import STOP, Collective
from training.workers.joint_step import JointStep
from training.workers.shards import sharded

_SEED_STATE = "seed_generator_state"
_SEEDS_APART = 0x9E3779B1  # 2³² by the golden ratio: seeds of ranks are far apart


class Workers:
    """A single worker, this process: all that is said here is what a training needs of several ones.

    The methods are called in this order: `begin`, `share`, `fit_begins` as often as Keras's `fit`,
    `end`, `finished`.
    """

    def begin(self, run: Path | None) -> None:
        """Give the others the settings and assets of `run`; None if there is nothing to train."""

    def share(self, model: keras.Model, batches: Batches, schedule: WarmupSchedule) -> Batches:
        """Make the compiled model train on joint batches, and return the batches of this worker."""
        return batches

    def end_epoch(self, model: keras.Model) -> None:
        """End the training within an epoch: at once, or on all workers with the next step."""
        model.stop_training = True

    def fit_begins(self, model: keras.Model, first: int, last: int, skipped: int) -> None:
        """Give the others all variables and the epochs that are trained next."""

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """Return callbacks for the end of the list."""
        return []

    def end(self) -> None:
        """End the training of the others, who then wait for `finished`."""

    def finished(self) -> None:
        """End the others: the run is complete."""


class RankZero(Workers):
    """Rank 0 of several workers: it alone validates, decides, and writes the run."""

    def __init__(self, collective: Collective) -> None:
        self.collective = collective

    def begin(self, run: Path | None) -> None:
        self.collective.broadcast(b"" if run is None else packed_run(run))

    def share(self, model: keras.Model, batches: Batches, schedule: WarmupSchedule) -> Batches:
        model.train_step = JointStep(model, self.collective, schedule)
        return sharded(batches, self.collective.rank, self.collective.size)

    def end_epoch(self, model: keras.Model) -> None:
        model.train_step.ends.assign(1.0)

    def fit_begins(self, model: keras.Model, first: int, last: int, skipped: int) -> None:
        self.collective.broadcast(json.dumps([first, last, skipped]).encode())
        model.optimizer.build(model.trainable_variables)
        self.collective.broadcast(_packed_variables(model))

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        return [StopTogether(self.collective)]

    def end(self) -> None:
        self.collective.broadcast(b"")

    def finished(self) -> None:
        self.collective.broadcast(b"")


def workers_of(cluster: Cluster | None, console: Console) -> Workers:
    """Return the connected workers of a training whose rank 0 is this process. Raises `ConfigError`."""
    if cluster is None:
        return Workers()
    others = ", ".join(cluster.addresses[1:])
    console.print(f"worker 0 of {cluster.size} waits for {others}", highlight=False)
    return RankZero(Collective(cluster))


class StopTogether(keras.callbacks.Callback):
    """End the training on all workers where rank 0 ends it: with a step, or at the end of an epoch."""

    def __init__(self, collective: Collective) -> None:
        super().__init__()
        self.collective = collective

    def on_train_batch_end(self, batch, logs=None):
        if float(self.model.train_step.ended) > 0:
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        # The last step of an epoch may be the one after which rank 0 has ended the training.
        ends = self.model.stop_training or float(self.model.train_step.ends) > 0
        stopped = float(ends and self.collective.rank == 0)
        if self.collective.sum(tf.constant([stopped]), STOP)[0] > 0:
            self.model.stop_training = True


def packed_run(run: Path) -> bytes:
    """Return configuration and assets of a run as one archive."""
    files = [run / CONFIG_FILE, *sorted(path for path in (run / ASSETS).iterdir() if path.name[0] != ".")]
    content = {
        path.relative_to(run).as_posix(): np.frombuffer(path.read_bytes(), np.uint8) for path in files
    }
    return _archive(content)


def unpack_run(content: bytes, place: Path) -> None:
    """Write what `packed_run` returned into a new directory."""
    for name, values in _contents(content).items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(values.tobytes())


def _packed_variables(model: keras.Model) -> bytes:
    values = [keras.ops.convert_to_numpy(variable) for variable in _variables(model)]
    return _archive({str(place): value for place, value in enumerate(values)})


def set_variables(model: keras.Model, content: bytes, rank: int) -> None:
    """Assign the variables of rank 0, with random seeds of this rank's own: each draws its dropout."""
    model.optimizer.build(model.trainable_variables)
    values = _contents(content)
    for place, variable in enumerate(_variables(model)):
        value = values[str(place)]
        if variable.name == _SEED_STATE:
            value = value.copy()
            value[0] = (int(value[0]) + rank * _SEEDS_APART) % 2**32
        variable.assign(value)


def _variables(model: keras.Model) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]


def _archive(arrays: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _contents(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
