"""One line that says how a training goes."""

import time
from collections.abc import Callable

import keras
from rich.console import Console
from rich.live import Live
from rich.text import Text

from training.tasks.recipe import Shown

_PLAIN_SECONDS = 15.0  # between lines where nothing can be overwritten


class Progress(keras.callbacks.Callback):
    """Shows loss, accuracy, target tokens or texts per second, learning rate and time left.

    In a terminal one line is rewritten; elsewhere a plain line is printed every few seconds. The end
    of each epoch leaves a line in both.

    Args:
        console: where to write.
        steps: batches per epoch.
        amount: per epoch, in the unit of `shown`.
        shown: what is shown, and how it is called.
    """

    def __init__(
        self,
        console: Console,
        steps: int,
        amount: int,
        shown: Shown,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.console = console
        self.steps = steps
        self.amount_per_step = amount / steps
        self.shown = shown
        self.clock = clock
        self.live: Live | None = None

    def on_train_begin(self, logs=None):
        self.began = self.clock()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self.epoch_began = self.last_line = self.clock()
        if self.console.is_terminal:
            self.live = Live(console=self.console, transient=True, refresh_per_second=4)
            self.live.start()

    def on_train_batch_end(self, batch, logs=None):
        now = self.clock()
        if self.live is not None:
            if now - self.last_line > 0.2:
                self.live.update(Text(self._line(batch + 1, logs)))
                self.last_line = now
        elif now - self.last_line > _PLAIN_SECONDS:
            self.console.print(self._line(batch + 1, logs), highlight=False, soft_wrap=True)
            self.last_line = now

    def on_test_begin(self, logs=None):
        # The time of the validation is not the training's.
        self.train_seconds = self.clock() - self.epoch_began

    def measured(self) -> dict[str, float]:
        """Units per second and seconds of the epoch that has ended."""
        self.close()
        rate = self.steps * self.amount_per_step / max(self.train_seconds, 1e-9)
        return {self.shown.rate: round(rate, 1), "seconds": round(self.clock() - self.epoch_began, 2)}

    def close(self) -> None:
        """Gives the terminal back; called again at every end, also of a training that failed."""
        if self.live is not None:
            self.live.stop()
            self.live = None

    def on_train_end(self, logs=None):
        self.close()

    def _line(self, step: int, logs: dict) -> str:
        now = self.clock()
        seconds = now - self.epoch_began
        done = self.epoch + step / self.steps
        left = (now - self.began) / done * (self.params["epochs"] - done)
        return (
            f"epoch {self.epoch + 1}/{self.params['epochs']}  step {step}/{self.steps}  "
            f"loss {logs['loss']:.3f}  {_accuracy(self.shown, logs)}  "
            f"{step * self.amount_per_step / max(seconds, 1e-9):,.0f} {self.shown.unit}/s  "
            f"learning rate {float(self.model.optimizer.learning_rate):.1e}  {_clock(left)} left"
        )


def epoch_line(epoch: int, epochs: int, logs: dict, shown: Shown) -> str:
    """The line that an epoch leaves behind."""
    return (
        f"epoch {epoch}/{epochs}  loss {logs['loss']:.3f}  {_accuracy(shown, logs)}  "
        f"validation loss {logs['validation_loss']:.3f}  {shown.score_format.format(logs[shown.score])}  "
        f"{logs[shown.rate]:,.0f} {shown.unit}/s  {_clock(logs['seconds'])}"
    )


def _accuracy(shown: Shown, logs: dict) -> str:
    return f"{shown.accuracy.replace('_', ' ')} {logs[shown.accuracy]:.3f}"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes}:{seconds:02d}"
