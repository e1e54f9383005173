"""The epochs of a training, from the first one or from a checkpoint."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import keras
from rich.console import Console

from seqapp.config import FitConfig
from seqapp.run_directory import save_assets
from training.callbacks import BestWeights, EpochEnd, History
from training.checkpoint import (
    Checkpoint,
    read_checkpoint,
    restore_variables,
    write_checkpoint,
)
from training.checkpoint_callback import Checkpoints
from training.compiled_model import compile_model
from training.data.pipeline import Batches
from training.data.shards.stored_rows import sample_of
from training.data.splits import Row
from training.progress import Progress
from training.schedule import WarmupSchedule, learning_rate_schedule
from training.stop_message import StopMessage
from training.tasks.recipe import Recipe
from training.time_budget import TimeBudget
from training.weight_averaging import EpochWeights, epoch_weights, keep_average
from training.workers.workers import Workers


class Means(NamedTuple):
    """What the epochs of a training need besides recipe and rows.

    Fields:
        run: the run directory.
        console: output.
        stop_message: gets what is saved.
        began: monotonic time at which the training began in this process.
        callbacks: further Keras callbacks.
        checkpoint_minutes: between two checkpoints within an epoch.
        workers: the other workers of the training.
    """

    run: Path
    console: Console
    stop_message: StopMessage
    began: float
    callbacks: Sequence[keras.callbacks.Callback] = ()
    checkpoint_minutes: float = 10.0
    workers: Workers = Workers()


class Trained(NamedTuple):
    """What the epochs gave.

    Fields:
        best: the best epoch, whose weights are in the run, unless they are the average.
        history: the scores of each epoch.
        averaged: entries of ``metrics.json`` on the average, if it is kept.
        seconds: training time, that before a checkpoint included.
    """

    best: BestWeights
    history: History
    averaged: dict[str, Any]
    seconds: float


def train_epochs(
    recipe: Recipe,
    rows: Sequence[Row],
    valid_rows: Sequence[Row],
    means: Means,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Run all epochs, or those after a checkpoint, and average the weights as set.

    Raises:
        DataError: no row is within the limits.
        RunDirectoryError: the checkpoint does not fit.
    """
    task, settings = recipe.task, recipe.task.config.training
    batches = recipe.make_batches(rows, training=True)
    valid = recipe.make_batches(valid_rows, training=False)
    means.console.print(recipe.summary(batches), highlight=False, soft_wrap=True)
    train = of_least_steps(batches, settings)
    if train.passes > 1:
        note = f"an epoch passes over the rows {train.passes} times: {train.steps:,} steps"
        means.console.print(note, highlight=False)
    if checkpoint is None:
        recipe.prepare(sample_of(rows), valid_rows, means.console)
        save_assets(means.run, task)
    schedule = learning_rate_schedule(settings, train.steps * settings.epochs)
    model = compile_model(recipe, train.steps, schedule)
    train = means.workers.share(model, train, schedule)
    monitor, goes_on = recipe.progress_labels.monitor, checkpoint is not None
    with epoch_weights(means.run, task.model, monitor, settings, goes_on) as stored:
        epochs = _Epochs(recipe, train, valid, recipe.validate(valid_rows), means, stored, schedule)
        if checkpoint is not None:
            epochs.continues(model, checkpoint)
        epochs.run(model)
        means.workers.end()
        return epochs.averaged()


def of_least_steps(batches: Batches, settings: FitConfig) -> Batches:
    """Return batches with so many passes over the rows per epoch that all epochs have ``min_steps``."""
    passes = -(-settings.min_steps // (settings.epochs * batches.steps))
    if passes < 2:
        return batches

    def epochs(first: int, last: int, skipped: int = 0) -> Any:
        return batches.epochs(first * passes, last * passes, skipped)

    return replace(
        batches,
        epochs=epochs,
        steps=batches.steps * passes,
        tokens=batches.tokens * passes,
        examples=batches.examples * passes,
        passes=passes,
    )


class _Epochs:
    """The callbacks of a training, and their state in the checkpoint."""

    def __init__(
        self,
        recipe: Recipe,
        train: Batches,
        valid: Batches,
        validate: Callable[[], Any],
        means: Means,
        stored: EpochWeights,
        schedule: WarmupSchedule,
    ) -> None:
        labels, settings = recipe.progress_labels, recipe.task.config.training
        self.recipe, self.train, self.valid, self.validate = recipe, train, valid, validate
        self.means, self.stored, self.epochs = means, stored, settings.epochs
        self.average: tuple[int, dict[str, Any]] = (0, {})  # with the best epoch then
        self.best = BestWeights(means.run, recipe.task, labels.monitor)
        self.history = History(means.run, labels)
        units = recipe.units_per_epoch(train)
        self.progress = Progress(means.console, self.epochs, train.steps, units, labels)
        self.of_recipe = recipe.callbacks(train.steps)
        self.end = self._epoch_end(settings.patience)
        self.checkpoints = self._checkpoints()
        self.budget = None if settings.minutes is None else self._time_budget(settings.minutes, schedule)

    def _epoch_end(self, patience: int | None) -> EpochEnd:
        means = self.means
        return EpochEnd(
            means.console,
            self.recipe.progress_labels,
            self.progress,
            self.validate,
            self.history,
            self.best,
            means.stop_message,
            self.stored.offer,
            patience,
        )

    def _checkpoints(self) -> Checkpoints:
        means, saved = self.means, self.means.stop_message.checkpoint_saved
        steps, minutes = self.train.steps, means.checkpoint_minutes
        return Checkpoints(means.run, steps, self.state, means.began, saved, minutes)

    def _time_budget(self, minutes: float, schedule: WarmupSchedule) -> TimeBudget:
        """Return the end of the training by time, which the progress shows too."""
        end_epoch = self.means.workers.end_epoch
        budget = TimeBudget(minutes, schedule, self.checkpoints.seconds, self.means.console, end_epoch)
        self.progress.budget = budget.left
        return budget

    def state(self) -> dict[str, Any]:
        """Return the fields of `TrainingState` besides those of `Checkpoints`."""
        return {
            "history": self.history.rows,
            "best_score": self.best.best,
            "best_epoch": self.best.epoch,
            "stored": self.stored.ranks(),
            "averaged": self._kept_average(),
        }

    def continues(self, model: keras.Model, checkpoint: Checkpoint) -> None:
        """Restore variables and callbacks. Raises `RunDirectoryError`."""
        state = checkpoint.state
        if state.step:
            # Builds the metrics, whose variables the checkpoint has too; it may change carried states.
            model.test_on_batch(*next(iter(self.valid.epochs(0, 1))))
        restore_variables(model, checkpoint)
        self.checkpoints.continues(checkpoint)
        self.progress.continues(state.step)
        if self.budget is not None:
            self.budget.batches = state.epoch * self.train.steps + state.step
        self.history.rows = state.history
        self.history.write()
        self.best.best, self.best.epoch = state.best_score, state.best_epoch
        self.stored.restore(state.stored)
        self.average = (state.best_epoch, state.averaged)
        self.means.stop_message.epoch_ended(state.epoch, self.best.epoch)
        self.means.stop_message.checkpoint_saved(state.epoch, state.step)
        done = state.epoch >= self.epochs
        place = f"goes on from epoch {state.epoch + 1}, step {state.step + 1:,}"
        self.means.console.print("all epochs are trained" if done else place, highlight=False)

    def run(self, model: keras.Model) -> None:
        """Train to the last epoch."""
        epoch, step = self.checkpoints.epoch, self.checkpoints.step
        if step:
            self._fit(model, epoch, epoch + 1, step)
            epoch = self.checkpoints.epoch
            if model.stop_training:
                return
        over = self.budget is not None and self.budget.left() <= 0
        if epoch < self.epochs and not (epoch and (over or self.end.exhausted(epoch))):
            self._fit(model, epoch, self.epochs, 0)

    def _fit(self, model: keras.Model, first: int, last: int, skipped: int) -> None:
        own = [*self.of_recipe, self.progress, self.end, keras.callbacks.TerminateOnNaN(), self.checkpoints]
        own += [self.budget] if self.budget else []
        self.means.workers.fit_begins(model, first, last, skipped)
        try:
            model.fit(
                self.train.epochs(first, last, skipped),
                steps_per_epoch=self.train.steps - skipped,
                validation_data=self.valid.epochs(0, 1),
                initial_epoch=first,
                epochs=last,
                shuffle=False,
                verbose=0,
                callbacks=[*own, *self.means.callbacks, *self.means.workers.callbacks()],
            )
        finally:
            self.progress.close()

    def averaged(self) -> Trained:
        """Average the weights as set, and return what was trained."""
        labels = self.recipe.progress_labels
        self.means.stop_message.all_trained()
        found = keep_average(self.stored, self.best, self.validate, labels, self.means.console)
        if found is not None:
            scores = {"averaged_epochs": self.stored.epochs, labels.score: found.scores[labels.score]}
            self.average = (self.best.epoch, scores)
            self._save_average()
        return Trained(self.best, self.history, self._kept_average(), self.checkpoints.seconds())

    def _save_average(self) -> None:
        """Write the average's scores to the checkpoint: what comes later is compared with them."""
        checkpoint = read_checkpoint(self.means.run)
        if checkpoint is not None:
            state = checkpoint.state.model_copy(update=self.state())
            write_checkpoint(self.means.run, checkpoint._replace(state=state))

    def _kept_average(self) -> dict[str, Any]:
        """Return the entries of ``metrics.json`` on the average; none where a later epoch is better."""
        epoch, scores = self.average
        return scores if epoch == self.best.epoch else {}
