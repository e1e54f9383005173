"""The recipe of a task: batches, loss, metrics, scores and baseline for the trainer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
from rich.console import Console

from training.data.kept_outputs import Output, write_outputs
from training.data.pipeline import Batches
from training.data.splits import Row, Splits
from training.evaluation.intervals import RESAMPLES


class ProgressLabels(NamedTuple):
    """Names of what the progress line shows.

    Fields:
        accuracy: training metric, a key of Keras's logs.
        score: validation score to show, a key of the logs.
        score_format: format string of the score.
        unit: what the rate counts, e.g. "target tokens".
        monitor: key of the logs that selects the best epoch; higher is better.
        lower_is_better: whether lower values of the shown score are better.
    """

    accuracy: str
    score: str
    score_format: str
    unit: str
    monitor: str
    lower_is_better: bool = False

    @property
    def rate(self) -> str:
        """Key of the logs for units per second."""
        return f"{self.unit.replace(' ', '_')}_per_second"

    @property
    def score_name(self) -> str:
        """Name of the score: the format without its number."""
        return self.score_format.partition(" {")[0]


class Validation(NamedTuple):
    """Validation scores by log key, and sample outputs to print."""

    scores: dict[str, float]
    samples: list[str]


class ScoredOutputs(NamedTuple):
    """Scores of rows, and the outputs that were scored: one per row, or none if they are not kept."""

    scores: dict[str, Any]
    outputs: list[Output]


class Recipe(ABC):
    """Training and scoring of one task.

    Args:
        task: the task, with new or trained weights.

    Attributes:
        baseline: name of the baseline model.
        progress_labels: names of what the progress line shows.
        answer: name of the command that applies the model to lines; "" for the one of the chapter.
        has_epochs: whether a network is trained; without one `prepare` fits the whole model.
    """

    baseline: str
    answer: str = ""
    has_epochs: bool = True
    progress_labels: ProgressLabels

    def __init__(self, task: Any) -> None:
        self.task = task

    @abstractmethod
    def make_batches(self, rows: Sequence[Row], training: bool) -> Batches:
        """Return batches of rows: for training reshuffled each epoch by the seed, else in one fixed order."""

    @abstractmethod
    def units_per_epoch(self, batches: Batches) -> int:
        """Return the size of an epoch in the unit of `progress_labels`."""

    @abstractmethod
    def summary(self, train: Batches) -> str:
        """Return one line on data and model size."""

    def prepare(  # noqa: B027  most tasks fit nothing there
        self, rows: Sequence[Row], valid: Sequence[Row], console: Console
    ) -> None:
        """Fit what is fitted before the first epoch."""

    def network(self, total_steps: int) -> keras.Model:
        """Return the model to train over `total_steps` batches: the task's own, or one around it."""
        return self.task.model

    def callbacks(self, steps: int) -> list[keras.callbacks.Callback]:
        """Return callbacks of the training itself, which all workers have, for epochs of `steps` batches."""
        return []

    def loss(self) -> keras.losses.Loss:
        """Return the loss of the network, that of the task."""
        return self.task.loss()

    def metric(self) -> keras.metrics.Metric:
        """Return the training metric, named as in `progress_labels`: that of the task."""
        return self.task.metric()

    @abstractmethod
    def validate(self, rows: Sequence[Row]) -> Callable[[], Validation]:
        """Return a function that scores the current model; it may fit assets that `fit` does not train."""

    def finish(  # noqa: B027  most tasks fit nothing there
        self, valid: Sequence[Row], run: Path, console: Console
    ) -> None:
        """Fit what is fitted to the best weights, after the last epoch, and write it to the run."""

    @abstractmethod
    def score(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Score the served outputs for rows; includes ``seconds``, the time for them."""

    def scored_outputs(self, rows: Sequence[Row], resamples: int = RESAMPLES) -> ScoredOutputs:
        """Score the served outputs as `score` does, and return both.

        Args:
            rows: rows to score.
            resamples: number of resamples for confidence intervals; 0 for none.
        """
        return ScoredOutputs(self.score(rows), [])

    @abstractmethod
    def score_baseline(
        self, training: Sequence[Row], validation: Sequence[Row], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """Score the baseline, trained on the same rows; includes its ``name``."""

    @abstractmethod
    def score_line(self, scores: dict[str, Any]) -> str:
        """Format scores as one line."""

    @abstractmethod
    def samples(self, rows: Sequence[Row]) -> list[str]:
        """Return rows with the model outputs, to print."""

    @abstractmethod
    def answers(self, lines: Sequence[str]) -> tuple[list[str], list[bool]]:
        """Return one output line per input line, and whether the input was cut."""

    def metrics(self, splits: Splits, trained: Sequence[Row], run: Path) -> dict[str, Any]:
        """Return ``test`` and ``baseline`` of ``metrics.json``; write outputs and plots to `run`."""
        scored = self.scored_outputs(splits.test)
        if scored.outputs:
            write_outputs(run, scored.outputs)
        return {
            "test": scored.scores,
            "baseline": self.score_baseline(trained, splits.valid, splits.test),
        }
