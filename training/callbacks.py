"""What happens at the end of each epoch: validation score, samples, history, best weights."""

import csv
from collections.abc import Sequence
from pathlib import Path

import keras
from rich.console import Console

from seqapp.run_directory import HISTORY_FILE, replacing, save_weights
from seqapp.tasks.translation import TranslationTask
from training.progress import epoch_line

HISTORY_COLUMNS = (
    "epoch",
    "loss",
    "token_accuracy",
    "validation_loss",
    "validation_token_accuracy",
    "validation_chrf",
    "learning_rate",
    "target_tokens_per_second",
    "seconds",
)


class TranslationScore(keras.callbacks.Callback):
    """Translates validation sentences greedily, scores them by chrF and shows a few.

    Args:
        task: the task whose model is trained.
        pairs: (source, reference); the score is over all of them.
        shown: how many to print.
    """

    def __init__(
        self, task: TranslationTask, pairs: Sequence[tuple[str, str]], console: Console, shown: int = 3
    ) -> None:
        super().__init__()
        self.task = task
        self.pairs = pairs
        self.console = console
        self.shown = shown

    def on_epoch_end(self, epoch, logs=None):
        hypotheses = self.task.translate_lines([source for source, _ in self.pairs], greedy=True)
        logs["validation_chrf"] = self.task.scores(hypotheses, [target for _, target in self.pairs])["chrf"]
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        line = epoch_line(epoch + 1, self.params["epochs"], _with_long_names(logs))
        self.console.print(line, highlight=False, soft_wrap=True)
        for (source, _), hypothesis in list(zip(self.pairs, hypotheses, strict=True))[: self.shown]:
            self.console.print(
                f"    {source}\n      → {hypothesis}", markup=False, highlight=False, soft_wrap=True
            )


class History(keras.callbacks.Callback):
    """Rewrites ``history.csv`` after each epoch; the file is whole at any moment."""

    def __init__(self, run: Path) -> None:
        super().__init__()
        self.path = run / HISTORY_FILE
        self.rows: list[dict[str, float]] = []

    def on_epoch_end(self, epoch, logs=None):
        values = {**_with_long_names(logs), "epoch": epoch + 1}
        self.rows.append({name: values[name] for name in HISTORY_COLUMNS})
        with replacing(self.path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HISTORY_COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows)


class BestWeights(keras.callbacks.Callback):
    """Saves the weights whenever the validation score is the best so far, or as good at a lower loss."""

    def __init__(self, run: Path, task: TranslationTask) -> None:
        super().__init__()
        self.run = run
        self.task = task
        self.best = (-1.0, 0.0)
        self.best_epoch = 0

    def on_epoch_end(self, epoch, logs=None):
        reached = (logs["validation_chrf"], -logs["val_loss"])
        if reached > self.best:
            self.best, self.best_epoch = reached, epoch + 1
            save_weights(self.run, self.task)


class StopAtNonsense(keras.callbacks.TerminateOnNaN):
    """Ends a training whose loss is no number any more; the best weights so far stay."""


def _with_long_names(logs: dict) -> dict:
    return {name.replace("val_", "validation_"): value for name, value in logs.items()}
