"""The end of each epoch: validation, history, best weights, the line that is printed; in this order."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import keras
from rich.console import Console

from seqapp.atomic_files import replacing
from seqapp.run_directory import HISTORY_FILE, save_best
from seqapp.tasks.base import Task
from training.evaluation.plots import Panel
from training.kept import Kept
from training.progress import Progress, epoch_line
from training.tasks.recipe import Shown, Validation


class EpochEnd(keras.callbacks.Callback):
    """Scores the model after each epoch, keeps the scores and the best weights, and prints a line.

    One callback, since each step needs what the step before it found. What it finds is put into Keras's
    logs too, for further callbacks.

    Args:
        console: where to write.
        shown: how a task's progress is worded.
        progress: what measured the epoch.
        validate: scores the model as it is.
        history: keeps the scores.
        best: keeps the best weights.
        kept: told what is kept.
    """

    def __init__(
        self,
        console: Console,
        shown: Shown,
        progress: Progress,
        validate: Callable[[], Validation],
        history: "History",
        best: "BestWeights",
        kept: Kept,
    ) -> None:
        super().__init__()
        self.console = console
        self.shown = shown
        self.progress = progress
        self.validate = validate
        self.history = history
        self.best = best
        self.kept = kept

    def on_epoch_end(self, epoch, logs=None):
        logs.update(self.progress.measured())
        if not math.isfinite(logs["loss"]):
            self.console.print(f"epoch {epoch + 1}: the loss is no number any more; training ends here")
            return
        found = self.validate()
        logs.update(found.scores)
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        scores = _with_long_names(logs)
        self.history.append(epoch + 1, scores)
        self.best.offer(epoch + 1, scores)
        self.kept.epoch_ended(epoch + 1, self.best.epoch)
        line = epoch_line(epoch + 1, self.params["epochs"], scores, self.shown)
        self.console.print(line, highlight=False, soft_wrap=True)
        for sample in found.samples:
            self.console.print(f"    {sample}", markup=False, highlight=False, soft_wrap=True)


class History:
    """``history.csv``, written anew after each epoch; the file is whole at any moment."""

    def __init__(self, run: Path, shown: Shown) -> None:
        self.path = run / HISTORY_FILE
        self.columns = history_columns(shown)
        self.rows: list[dict[str, float]] = []

    def append(self, epoch: int, scores: dict[str, float]) -> None:
        """Adds the row of an epoch."""
        values = {**scores, "epoch": epoch}
        self.rows.append({name: values[name] for name in self.columns})
        with replacing(self.path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns)
            writer.writeheader()
            writer.writerows(self.rows)


class BestWeights:
    """Saves the weights whenever the validation score is the best so far, or as good at a lower loss."""

    def __init__(self, run: Path, task: Task, score: str) -> None:
        self.run = run
        self.task = task
        self.score = score
        self.best = (-math.inf, 0.0)
        self.epoch = 0

    def offer(self, epoch: int, scores: dict[str, float]) -> None:
        """Saves the weights as they are if these are the best scores so far."""
        reached = (scores[self.score], -scores["validation_loss"])
        if reached > self.best:
            self.best, self.epoch = reached, epoch
            save_best(self.run, self.task)


def history_columns(shown: Shown) -> tuple[str, ...]:
    """The columns of ``history.csv``."""
    measured = (shown.accuracy, "validation_loss", f"validation_{shown.accuracy}", shown.score)
    return tuple(dict.fromkeys(("epoch", "loss", *measured, "learning_rate", shown.rate, "seconds")))


def history_panels(shown: Shown) -> list[Panel]:
    """The panels of the learning curve."""
    accuracy = Panel(shown.accuracy.replace("_", " "), shown.accuracy, f"validation_{shown.accuracy}")
    panels = [Panel("loss", "loss", "validation_loss", min), accuracy]
    if shown.score != accuracy.validation:
        panels.append(Panel(f"{shown.score_name} on validation text", None, shown.score))
    return panels


def _with_long_names(logs: dict) -> dict:
    # What was scored by `validate` goes before what Keras measured under the same name.
    return {
        **{name.replace("val_", "validation_"): logs[name] for name in logs},
        **{n: v for n, v in logs.items() if n.startswith("validation_")},
    }
