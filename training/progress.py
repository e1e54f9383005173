"""Progress line of a training."""

import math
import time
from collections.abc import Callable

import keras
from rich.console import Console
from rich.live import Live
from rich.text import Text

from training.resident_memory import resident_bytes
from training.tasks.recipe import ProgressLabels

_PLAIN_SECONDS = 15.0  # between lines without a terminal


class Progress(keras.callbacks.Callback):
    """Show loss, accuracy, target tokens or texts per second, memory, learning rate and remaining time.

    On a terminal one line is rewritten; elsewhere a line is printed every few seconds.

    Args:
        console: output.
        epochs: planned number of epochs.
        steps: batches per epoch.
        units_per_epoch: size of an epoch, in the unit of `labels`.
        labels: names of what is shown.
        clock: monotonic time in seconds.
        memory: bytes of resident memory, None if unknown.
        budget: returns the seconds that are left of a budget of time.
    """

    def __init__(
        self,
        console: Console,
        epochs: int,
        steps: int,
        units_per_epoch: int,
        labels: ProgressLabels,
        clock: Callable[[], float] = time.monotonic,
        memory: Callable[[], int | None] = resident_bytes,
        budget: Callable[[], float] = lambda: math.inf,
    ) -> None:
        super().__init__()
        self.console = console
        self.epochs = epochs
        self.steps = steps
        self.skipped = self.trained = 0
        self.units_per_step = units_per_epoch / steps
        self.labels = labels
        self.clock = clock
        self.memory = memory
        self.budget = budget
        self.live: Live | None = None
        self.began = self.done_before = -1.0

    def continues(self, step: int) -> None:
        """Set the number of batches that an earlier process has trained of the next epoch."""
        self.skipped = step

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self.epoch_began = self.last_line = self.clock()
        if self.began < 0:
            self.began, self.done_before = self.epoch_began, epoch + self.skipped / self.steps
        if self.console.is_terminal:
            self.live = Live(console=self.console, transient=True, refresh_per_second=4)
            self.live.start()

    def on_train_batch_end(self, batch, logs=None):
        self.trained = batch + 1
        now = self.clock()
        if self.live is not None:
            if now - self.last_line > 0.2:
                self.live.update(Text(self._line(batch + 1, logs)))
                self.last_line = now
        elif now - self.last_line > _PLAIN_SECONDS:
            self.console.print(self._line(batch + 1, logs), highlight=False, soft_wrap=True)
            self.last_line = now

    def on_test_begin(self, logs=None):
        # Validation time is excluded from the rate.
        self.train_seconds = self.clock() - self.epoch_began

    def measured(self) -> dict[str, float]:
        """Return units per second and seconds of the finished epoch."""
        self.close()
        self.skipped = 0
        rate = self.trained * self.units_per_step / max(self.train_seconds, 1e-9)
        return {self.labels.rate: round(rate, 1), "seconds": round(self.clock() - self.epoch_began, 2)}

    def close(self) -> None:
        """Release the terminal; may be called repeatedly, also after a failed training."""
        if self.live is not None:
            self.live.stop()
            self.live = None

    def on_train_end(self, logs=None):
        self.close()

    def _line(self, step: int, logs: dict) -> str:
        now = self.clock()
        rate = step * self.units_per_step / max(now - self.epoch_began, 1e-9)
        done = self.epoch + (self.skipped + step) / self.steps
        planned = (now - self.began) / (done - self.done_before) * (self.epochs - done)
        left = _clock(min(planned, self.budget()))
        return (
            f"epoch {self.epoch + 1}/{self.epochs}  step {self.skipped + step}/{self.steps}  "
            f"loss {logs['loss']:.3f}  {_accuracy(self.labels, logs)}  {rate:,.0f} {self.labels.unit}/s  "
            f"{_memory(self.memory())}"
            f"learning rate {float(self.model.optimizer.learning_rate):.1e}  {left} left"
        )


def epoch_line(epoch: int, epochs: int, logs: dict, labels: ProgressLabels) -> str:
    """Return the line printed after an epoch."""
    return (
        f"epoch {epoch}/{epochs}  loss {logs['loss']:.3f}  {_accuracy(labels, logs)}  "
        f"validation loss {logs['validation_loss']:.3f}  {labels.score_format.format(logs[labels.score])}  "
        f"{logs[labels.rate]:,.0f} {labels.unit}/s  {_clock(logs['seconds'])}"
    )


def _accuracy(labels: ProgressLabels, logs: dict) -> str:
    return f"{labels.accuracy.replace('_', ' ')} {logs[labels.accuracy]:.3f}"


def _memory(size: int | None) -> str:
    return "" if size is None else f"memory {size / 2**30:.1f} GiB  "


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes}:{seconds:02d}"
