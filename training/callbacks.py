"""Work at the end of each epoch: validation, history, best weights, printed line; in this order."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import keras
from rich.console import Console

from seqapp.atomic_files import atomic_write
from seqapp.run_directory import HISTORY_FILE, save_best
from seqapp.tasks.base import Task
from training.console import print_text
from training.evaluation.plots import Panel
from training.progress import Progress, epoch_line
from training.stop_message import StopMessage
from training.tasks.recipe import ProgressLabels, Validation


class EpochEnd(keras.callbacks.Callback):
    """Score the model after each epoch, save scores and best weights, and print a line.

    One callback, since each step needs the result of the previous one. The scores are added to Keras's logs
    for further callbacks.

    Args:
        console: output.
        labels: names of what is printed.
        progress: measured the epoch; has the planned number of epochs.
        validate: scores the current model.
        history: saves the scores.
        best: saves the best weights.
        stop_message: gets the numbers of the last and the best epoch.
        offer: called with number and scores of each epoch, after `best`.
        patience: number of epochs without a better score after which the training ends; None for never.
    """

    def __init__(
        self,
        console: Console,
        labels: ProgressLabels,
        progress: Progress,
        validate: Callable[[], Validation],
        history: "History",
        best: "BestWeights",
        stop_message: StopMessage,
        offer: Callable[[int, dict[str, float]], None] = lambda epoch, scores: None,
        patience: int | None = None,
    ) -> None:
        super().__init__()
        self.console = console
        self.labels = labels
        self.progress = progress
        self.validate = validate
        self.history = history
        self.best = best
        self.stop_message = stop_message
        self.offer = offer
        self.patience = patience

    def on_epoch_end(self, epoch, logs=None):
        logs.update(self.progress.measured())
        if not math.isfinite(logs["loss"]):
            self.console.print(f"epoch {epoch + 1}: the loss is NaN or infinite; training stops here")
            return
        found = self.validate()
        logs.update(found.scores)
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        scores = with_long_names(logs)
        self.history.append(epoch + 1, scores)
        self.best.offer(epoch + 1, scores)
        self.offer(epoch + 1, scores)
        self.stop_message.epoch_ended(epoch + 1, self.best.epoch)
        line = epoch_line(epoch + 1, self.progress.epochs, scores, self.labels)
        self.console.print(line, highlight=False, soft_wrap=True)
        for sample in found.samples:
            print_text(self.console, f"    {sample}")
        if self.exhausted(epoch + 1) and epoch + 1 < self.progress.epochs:
            self.console.print(
                f"no better score since epoch {self.best.epoch}; training stops here", highlight=False
            )
            self.model.stop_training = True

    def exhausted(self, epoch: int) -> bool:
        """Whether the best score is `patience` epochs or more before `epoch`, the last finished one."""
        return self.patience is not None and epoch - self.best.epoch >= self.patience


class History:
    """``history.csv``, rewritten atomically after each epoch."""

    def __init__(self, run: Path, labels: ProgressLabels) -> None:
        self.path = run / HISTORY_FILE
        self.columns = history_columns(labels)
        self.rows: list[dict[str, float]] = []

    def append(self, epoch: int, scores: dict[str, float]) -> None:
        """Add the row of an epoch."""
        values = {**scores, "epoch": epoch}
        self.rows.append({name: values[name] for name in self.columns})
        self.write()

    def write(self) -> None:
        """Write all rows."""
        with atomic_write(self.path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns)
            writer.writeheader()
            writer.writerows(self.rows)


class BestWeights:
    """Saves the weights at the best validation score so far; on ties, at the lower loss."""

    def __init__(self, run: Path, task: Task, score: str) -> None:
        self.run = run
        self.task = task
        self.score = score
        self.best = (-math.inf, 0.0)
        self.epoch = 0

    def offer(self, epoch: int, scores: dict[str, float]) -> None:
        """Save the current weights if these are the best scores so far."""
        reached = (scores[self.score], -scores["validation_loss"])
        if reached > self.best:
            self.best, self.epoch = reached, epoch
            save_best(self.run, self.task)


def history_columns(labels: ProgressLabels) -> tuple[str, ...]:
    """Return the columns of ``history.csv``."""
    measured = (labels.accuracy, "validation_loss", f"validation_{labels.accuracy}", labels.score)
    return tuple(dict.fromkeys(("epoch", "loss", *measured, "learning_rate", labels.rate, "seconds")))


def history_panels(labels: ProgressLabels) -> list[Panel]:
    """Return the panels of the learning curve."""
    accuracy = Panel(labels.accuracy.replace("_", " "), labels.accuracy, f"validation_{labels.accuracy}")
    panels = [Panel("loss", "loss", "validation_loss", min), accuracy]
    if labels.score != accuracy.validation:
        best = min if labels.lower_is_better else max
        panels.append(Panel(f"{labels.score_name} on validation text", None, labels.score, best))
    return panels


def with_long_names(logs: dict) -> dict:
    """Return the logs of an epoch with ``validation_`` in place of Keras's ``val_``."""
    # Scores of `validate` override those of Keras under the same name.
    return {
        **{name.replace("val_", "validation_"): logs[name] for name in logs},
        **{n: v for n, v in logs.items() if n.startswith("validation_")},
    }
