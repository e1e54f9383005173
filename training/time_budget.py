"""A budget of training time, which the learning rate follows."""

from collections.abc import Callable

import keras
from rich.console import Console

from training.schedule import WarmupSchedule

_EVERY = 10  # batches between two plans


class TimeBudget(keras.callbacks.Callback):
    """Shorten the schedule to the batches that fit in the rest of the time, and end the training with it.

    The epoch in which the time ends is validated like any other. Validation counts: it is in the time per
    batch from the second epoch on.

    Args:
        minutes: training time, that before a checkpoint included.
        schedule: of the learning rate; it is for all planned batches.
        seconds: returns the training time so far.
        console: output.
        end: ends the training of the model.
        batches: batches trained before.
    """

    def __init__(
        self,
        minutes: float,
        schedule: WarmupSchedule,
        seconds: Callable[[], float],
        console: Console,
        end: Callable[[keras.Model], None],
        batches: int = 0,
    ) -> None:
        super().__init__()
        self.minutes = minutes
        self.schedule = schedule
        self.seconds = seconds
        self.console = console
        self.end = end
        self.batches = batches
        self.over = False
        self._first: tuple[int, float] | None = None

    def left(self) -> float:
        """Return the seconds that are left; negative once the time is over."""
        return 60 * self.minutes - self.seconds()

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        if self._first is None:
            # What the first batch compiles is no measure of the others.
            self._first = (self.batches, self.seconds())
        elif self.batches % _EVERY == 0:
            self._plan(*self._first)
        if self.left() <= 0 and not self.over:
            self.over = True
            self.console.print(
                f"{self.minutes:g} minutes are over; training stops here", highlight=False
            )
            self.end(self.model)

    def _plan(self, first: int, began: float) -> None:
        rate = (self.batches - first) / max(self.seconds() - began, 1e-9)
        self.schedule.shorten(self.batches + max(0.0, self.left()) * rate)
