"""What `training.fit` asks of a task's training."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from rich.console import Console

from training.data.pipeline import Batches
from training.data.splits import Pair, Splits


class Shown(NamedTuple):
    """How a task's progress is worded.

    Fields:
        accuracy: the metric of the training batches, a key of Keras's logs.
        score: the validation score that is shown, a key of the logs.
        score_format: how a person reads it, a format string of the score.
        unit: what is counted a second.
        decides: which epoch was best, a key of the logs, higher is better.
    """

    accuracy: str
    score: str
    score_format: str
    unit: str
    decides: str

    @property
    def rate(self) -> str:
        """The key of the logs for units a second."""
        return f"{self.unit.replace(' ', '_')}_per_second"


class Validation(NamedTuple):
    """Validation scores by their keys in the logs, and some sample answers to print."""

    scores: dict[str, float]
    samples: list[str]


class Recipe(Protocol):
    """The parts of a training that differ from task to task."""

    task: Any

    @property
    def shown(self) -> Shown:
        """How progress is worded."""

    def batches(self, pairs: Sequence[Pair], training: bool) -> Batches:
        """Batches of rows: in another order each epoch, or always alike."""

    def amount(self, batches: Batches) -> int:
        """What an epoch holds, in the unit of `shown`."""

    def summary(self, train: Batches) -> str:
        """What is trained, in one line."""

    def prepare(self, pairs: Sequence[Pair], valid: Sequence[Pair], console: Console) -> None:
        """What comes before the first epoch."""

    def compile(self, steps: int) -> None:
        """Gives the model loss, optimizer and metrics for `steps` batches an epoch."""

    def validate(self, pairs: Sequence[Pair]) -> Callable[[], Validation]:
        """A function that scores the model as it then is, and may fit weights that `fit` does not train."""

    def metrics(self, splits: Splits, trained: Sequence[Pair], run: Path) -> dict[str, Any]:
        """Scores on the test rows, ``test`` and ``baseline`` among them; pictures go into `run`."""
