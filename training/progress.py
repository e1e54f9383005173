"""One line that says how a training goes."""

import time
from collections.abc import Callable

import keras
from rich.console import Console
from rich.live import Live
from rich.text import Text

_PLAIN_SECONDS = 15.0  # between lines where nothing can be overwritten


class Progress(keras.callbacks.Callback):
    """Shows loss, token accuracy, target tokens a second, learning rate and time left.

    In a terminal one line is rewritten; elsewhere a plain line is printed every few seconds. The end
    of each epoch leaves a line in both.

    Args:
        console: where to write.
        steps: batches of an epoch.
        tokens: target ids of an epoch.
    """

    def __init__(
        self, console: Console, steps: int, tokens: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self.console = console
        self.steps = steps
        self.tokens_a_step = tokens / steps
        self.clock = clock
        self.live: Live | None = None

    def on_train_begin(self, logs=None):
        self.began = self.clock()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self.epoch_began = self.shown = self.clock()
        if self.console.is_terminal:
            self.live = Live(console=self.console, transient=True, refresh_per_second=4)
            self.live.start()

    def on_train_batch_end(self, batch, logs=None):
        now = self.clock()
        if self.live is not None:
            if now - self.shown > 0.2:
                self.live.update(Text(self._line(batch + 1, logs)))
                self.shown = now
        elif now - self.shown > _PLAIN_SECONDS:
            self.console.print(self._line(batch + 1, logs), highlight=False, soft_wrap=True)
            self.shown = now

    def on_test_begin(self, logs=None):
        # The time of the validation is not the training's.
        self.train_seconds = self.clock() - self.epoch_began

    def on_epoch_end(self, epoch, logs=None):
        self.close()
        tokens_a_second = self.steps * self.tokens_a_step / max(self.train_seconds, 1e-9)
        logs["target_tokens_per_second"] = round(tokens_a_second, 1)
        logs["seconds"] = round(self.clock() - self.epoch_began, 2)

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
            f"loss {logs['loss']:.3f}  token accuracy {logs['token_accuracy']:.3f}  "
            f"{step * self.tokens_a_step / max(seconds, 1e-9):,.0f} target tokens/s  "
            f"learning rate {float(self.model.optimizer.learning_rate):.1e}  {_clock(left)} left"
        )


def epoch_line(epoch: int, epochs: int, logs: dict) -> str:
    """The line that an epoch leaves behind."""
    return (
        f"epoch {epoch}/{epochs}  loss {logs['loss']:.3f}  token accuracy {logs['token_accuracy']:.3f}  "
        f"validation loss {logs['validation_loss']:.3f}  chrF {logs['validation_chrf']:.1f}  "
        f"{logs['target_tokens_per_second']:,.0f} target tokens/s  {_clock(logs['seconds'])}"
    )


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(max(0.0, seconds)), 60)
    return f"{minutes}:{seconds:02d}"
