"""What happens at the end of each epoch: validation score, samples, history, best weights."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import keras
from rich.console import Console

from seqapp.run_directory import HISTORY_FILE, replacing, save_weights
from seqapp.tasks.catalogue import Task
from training.progress import epoch_line
from training.recipes.recipe import Shown, Validation


class EpochReport(keras.callbacks.Callback):
    """Puts the validation scores into the logs, prints the epoch's line and some sample answers.

    Args:
        console: where to write.
        shown: how a task's progress is worded.
        validate: scores the model as it is.
    """

    def __init__(self, console: Console, shown: Shown, validate: Callable[[], Validation]) -> None:
        super().__init__()
        self.console = console
        self.shown = shown
        self.validate = validate

    def on_epoch_end(self, epoch, logs=None):
        found = self.validate()
        logs.update(found.scores)
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        line = epoch_line(epoch + 1, self.params["epochs"], _with_long_names(logs), self.shown)
        self.console.print(line, highlight=False, soft_wrap=True)
        for sample in found.samples:
            self.console.print(f"    {sample}", markup=False, highlight=False, soft_wrap=True)


class History(keras.callbacks.Callback):
    """Rewrites ``history.csv`` after each epoch; the file is whole at any moment."""

    def __init__(self, run: Path, shown: Shown) -> None:
        super().__init__()
        self.path = run / HISTORY_FILE
        self.columns = history_columns(shown)
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch, logs=None):
        values = {**_with_long_names(logs), "epoch": epoch + 1}
        self.rows.append({name: values[name] for name in self.columns})
        with replacing(self.path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns)
            writer.writeheader()
            writer.writerows(self.rows)


class BestWeights(keras.callbacks.Callback):
    """Saves the weights whenever the validation score is the best so far, or as good at a lower loss."""

    def __init__(self, run: Path, task: Task, score: str) -> None:
        super().__init__()
        self.run = run
        self.task = task
        self.score = score
        self.best = (-math.inf, 0.0)
        self.best_epoch = 0

    def on_epoch_end(self, epoch, logs=None):
        reached = (logs[self.score], -logs["val_loss"])
        if reached > self.best:
            self.best, self.best_epoch = reached, epoch + 1
            save_weights(self.run, self.task)


class StopAtNonsense(keras.callbacks.TerminateOnNaN):
    """Ends a training whose loss is no number any more; the best weights so far stay."""


def history_columns(shown: Shown) -> tuple[str, ...]:
    """The columns of ``history.csv``."""
    measured = (shown.accuracy, "validation_loss", f"validation_{shown.accuracy}", shown.score)
    return tuple(dict.fromkeys(("epoch", "loss", *measured, "learning_rate", shown.rate, "seconds")))


def _with_long_names(logs: dict) -> dict:
    # What was scored by `validate` goes before what Keras measured under the same name.
    return {
        **{name.replace("val_", "validation_"): logs[name] for name in logs},
        **{n: v for n, v in logs.items() if n.startswith("validation_")},
    }
