"""Averaging of the weights after several epochs."""

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
from rich.console import Console

from seqapp.atomic_files import atomic_write
from seqapp.config import FitConfig
from seqapp.run_directory import save_best
from training.callbacks import BestWeights
from training.tasks.recipe import ProgressLabels, Validation

EPOCHS = "epochs"  # directory of the weights of single epochs, while a run is trained


class EpochWeights:
    """The weights after the best or the last `count` epochs, a file each.

    The epochs are ordered by the monitored validation score ("best", on ties by the lower loss) or by their
    number ("last"). At most `count` files exist, plus the one being written.

    Args:
        directory: for the files.
        model: the network.
        monitor: key of the validation score; higher is better.
        count: number of epochs.
        of: "best" or "last".
    """

    def __init__(self, directory: Path, model: keras.Model, monitor: str, count: int, of: str) -> None:
        self.directory = directory
        self.model = model
        self.monitor = monitor
        self.count = count
        self.of = of
        self._ranks: dict[int, tuple[float, float]] = {}

    def ranks(self) -> dict[int, tuple[float, float]]:
        """Return epoch → rank of the stored weights, for `restore`."""
        return dict(self._ranks)

    def restore(self, ranks: dict[int, tuple[float, float]]) -> None:
        """Continue from what `ranks` returned, with the epochs whose files are still there."""
        self._ranks = {epoch: rank for epoch, rank in ranks.items() if self._file(epoch).is_file()}

    @property
    def epochs(self) -> list[int]:
        """Numbers of the epochs whose weights are stored."""
        return sorted(self._ranks)

    def offer(self, epoch: int, scores: dict[str, float]) -> None:
        """Store the current weights if their epoch is among the best or last `count`."""
        if self.count < 2:
            return
        self._ranks[epoch] = self._rank(epoch, scores)
        lowest = min(self._ranks, key=self._ranks.__getitem__) if len(self._ranks) > self.count else None
        if lowest != epoch:
            with atomic_write(self._file(epoch)) as temporary:
                self.model.save_weights(temporary)
        if lowest is not None:
            del self._ranks[lowest]
            self._file(lowest).unlink(missing_ok=True)

    def mean(self) -> list[np.ndarray]:
        """Return the mean of the stored weights, in the order of `keras.Model.get_weights`.

        The model has the weights of one of the epochs afterwards.
        """
        return mean_of(self._stored())

    def _stored(self) -> Iterator[list[np.ndarray]]:
        for epoch in self.epochs:
            self.model.load_weights(self._file(epoch))
            yield self.model.get_weights()

    def _rank(self, epoch: int, scores: dict[str, float]) -> tuple[float, float]:
        if self.of == "last":
            return float(epoch), 0.0
        score = scores[self.monitor]
        return (-math.inf if math.isnan(score) else score), -scores["validation_loss"]

    def _file(self, epoch: int) -> Path:
        return self.directory / f"{epoch}.weights.h5"


@contextmanager
def epoch_weights(
    run: Path, model: keras.Model, monitor: str, settings: FitConfig, goes_on: bool = False
) -> Iterator[EpochWeights]:
    """Yield an `EpochWeights` with files in the run, deleted at the end of the block.

    After an exception or an interrupt the files stay: the training may be continued. Files of an earlier
    process are deleted first unless this training `goes_on`.
    """
    directory = run / EPOCHS
    if not goes_on:
        shutil.rmtree(directory, ignore_errors=True)
    if settings.averaged_epochs > 1:
        directory.mkdir(exist_ok=True)
    yield EpochWeights(directory, model, monitor, settings.averaged_epochs, settings.average_of)
    shutil.rmtree(directory, ignore_errors=True)


def mean_of(all_weights: Iterator[list[np.ndarray]] | Sequence[list[np.ndarray]]) -> list[np.ndarray]:
    """Return the mean of each weight over several sets of weights, summed in float64."""
    sums: list[np.ndarray] = []
    dtypes: list[np.dtype] = []
    count = 0
    for weights in all_weights:
        if not count:
            dtypes = [one.dtype for one in weights]
            sums = [np.zeros(one.shape, np.float64) for one in weights]
        for total, one in zip(sums, weights, strict=True):
            total += one
        count += 1
    return [(total / count).astype(dtype) for total, dtype in zip(sums, dtypes, strict=True)]


def keep_average(
    stored: EpochWeights,
    best: BestWeights,
    validate: Callable[[], Validation],
    labels: ProgressLabels,
    console: Console,
) -> Validation | None:
    """Save the averaged weights as those of the run unless they score worse than the best single epoch.

    Args:
        stored: weights to average.
        best: saved the weights of the best epoch.
        validate: scores the current model.
        labels: names of the scores.
        console: output.

    Returns:
        The scores of the average, or None if the single epoch is kept.
    """
    if len(stored.epochs) < 2:
        return None
    stored.model.set_weights(stored.mean())
    found = validate()
    score = labels.score_format.format(found.scores[labels.score])
    line = f"average of the weights after epochs {', '.join(map(str, stored.epochs))}: {score}"
    if not found.scores[labels.monitor] >= best.best[0]:
        console.print(f"{line}; not better than epoch {best.epoch}, whose weights are kept", highlight=False)
        return None
    save_best(best.run, best.task)
    # Not all recipes validate the loss; without it, no epoch of an equal score replaces the average.
    best.best = (found.scores[labels.monitor], -found.scores.get("validation_loss", 0.0))
    console.print(f"{line}; kept", highlight=False)
    return found
