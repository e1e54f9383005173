"""Saving of checkpoints: after every epoch, and every few minutes within one."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from training.checkpoint import Checkpoint, TrainingState, restore_metrics, save_checkpoint


class Checkpoints(keras.callbacks.Callback):
    """Save a checkpoint after every epoch and every `minutes` within one, and continue from one.

    Args:
        run: the run directory.
        steps: batches per epoch.
        state: returns the fields of `TrainingState` that are not counted here.
        began: time of `clock` at which the training began.
        saved: called with epoch and step after each checkpoint.
        minutes: between two checkpoints within an epoch.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        run: Path,
        steps: int,
        state: Callable[[], dict[str, Any]],
        began: float,
        saved: Callable[[int, int], None] = lambda epoch, step: None,
        minutes: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.run = run
        self.steps = steps
        self.state = state
        self.saved = saved
        self.minutes = minutes
        self.clock = clock
        self.epoch = self.step = 0
        self.seconds_before = 0.0
        self.began, self.last = began, clock()
        self._pending: Checkpoint | None = None

    def continues(self, checkpoint: Checkpoint) -> None:
        """Continue from `checkpoint`; the metrics are restored when the epoch begins."""
        self.epoch, self.step = checkpoint.state.epoch, checkpoint.state.step
        self.seconds_before = checkpoint.state.seconds
        self._pending = checkpoint if self.step else None

    def seconds(self) -> float:
        """Return the training time so far, that before the checkpoint included."""
        return self.seconds_before + self.clock() - self.began

    def on_epoch_begin(self, epoch, logs=None):
        if self._pending is not None:
            # Keras has just reset them.
            restore_metrics(self.model, self._pending)
            self._pending = None

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        due = self.step < self.steps and self.clock() - self.last >= 60 * self.minutes
        if due and math.isfinite(logs["loss"]):
            self.save()

    def on_epoch_end(self, epoch, logs=None):
        if math.isfinite(logs["loss"]):
            self.epoch, self.step = epoch + 1, 0
            self.save()

    def save(self) -> None:
        """Save a checkpoint now."""
        state = TrainingState(epoch=self.epoch, step=self.step, seconds=self.seconds(), **self.state())
        save_checkpoint(self.run, self.model, state)
        self.last = self.clock()
        self.saved(self.epoch, self.step)
