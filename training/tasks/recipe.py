"""What the trainer asks of a task's training."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import keras
from rich.console import Console

from training.data.pipeline import Batches
from training.data.splits import Row, Splits


class Shown(NamedTuple):
    """How a task's progress is worded.

    Fields:
        accuracy: the metric of the training batches, a key of Keras's logs.
        score: the validation score that is shown, a key of the logs.
        score_format: how a person reads it, a format string of the score.
        unit: what is counted per second.
        decides: which epoch was best, a key of the logs, higher is better.
    """

    accuracy: str
    score: str
    score_format: str
    unit: str
    decides: str

    @property
    def rate(self) -> str:
        """The key of the logs for units per second."""
        return f"{self.unit.replace(' ', '_')}_per_second"

    @property
    def score_name(self) -> str:
        """What a person calls the score: its format without the number."""
        return self.score_format.partition(" {")[0]


class Validation(NamedTuple):
    """Validation scores by their keys in the logs, and some sample answers to print."""

    scores: dict[str, float]
    samples: list[str]


class Recipe(ABC):
    """How one task is trained and scored.

    Args:
        task: the task, its weights new or trained.

    Attributes:
        baseline: name of the model that stands beside each score.
        shown: how progress is worded.
    """

    baseline: ClassVar[str]
    shown: Shown

    def __init__(self, task: Any) -> None:
        self.task = task

    @abstractmethod
    def batches(self, rows: Sequence[Row], training: bool) -> Batches:
        """Batches of rows: in another order each epoch, by the seed; or always alike."""

    @abstractmethod
    def amount(self, batches: Batches) -> int:
        """What an epoch holds, in the unit of `shown`."""

    @abstractmethod
    def summary(self, train: Batches) -> str:
        """What is trained, in one line."""

    def prepare(  # noqa: B027  most tasks fit nothing there
        self, rows: Sequence[Row], valid: Sequence[Row], console: Console
    ) -> None:
        """Whatever is fitted before the first epoch."""

    def loss(self) -> keras.losses.Loss:
        """The loss of the network: the task's."""
        return self.task.loss()

    def metric(self) -> keras.metrics.Metric:
        """The metric of the training batches, named as `shown` says: the task's."""
        return self.task.metric()

    @abstractmethod
    def validate(self, rows: Sequence[Row]) -> Callable[[], Validation]:
        """A function that scores the model as it then is, and may fit assets that `fit` does not train."""

    @abstractmethod
    def score(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Scores of the served answers for rows, with the ``seconds`` that they took."""

    @abstractmethod
    def score_baseline(
        self, training: Sequence[Row], validation: Sequence[Row], rows: Sequence[Row]
    ) -> dict[str, Any]:
        """Scores of the baseline, trained on the same rows, with its ``name``."""

    @abstractmethod
    def score_line(self, scores: dict[str, Any]) -> str:
        """Scores in one line, for a person."""

    @abstractmethod
    def samples(self, rows: Sequence[Row]) -> list[str]:
        """Some rows with the model's answers, to print."""

    @abstractmethod
    def answers(self, lines: Sequence[str]) -> tuple[list[str], list[bool]]:
        """A printed line per input line, and whether the input was cut."""

    def metrics(self, splits: Splits, trained: Sequence[Row], run: Path) -> dict[str, Any]:
        """What goes into ``metrics.json``: ``test`` and ``baseline``; pictures go into `run`."""
        return {
            "test": self.score(splits.test),
            "baseline": self.score_baseline(trained, splits.valid, splits.test),
        }
