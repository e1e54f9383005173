"""One version of a model: its state, and the requests that hold it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from serving.server.inference.predict import Runner
from serving.server.status import ServingError, as_serving_error


class State(IntEnum):
    """States as GetModelStatus numbers them."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


class Closeable(Runner, Protocol):
    """A loaded model that can be given back."""

    def close(self) -> None: ...


Loader = Callable[[str, int, Path], Closeable]


class ModelVersion:
    """A version from START to END.

    Attributes:
        state: where it is.
        error: why the last attempt to load it failed.
        aspired: whether it is wanted.
        attempts: how often it was tried.
        load_at: when to load it, by the monotonic clock; None while it is loaded or done.
        may_return: it ended, and was not wanted for a while since.

    Requests hold it while they run; it is closed when it is unaspired and the last one let go.
    """

    def __init__(self, name: str, number: int, directory: Path) -> None:
        self.name = name
        self.number = number
        self.directory = directory
        self.state = State.START
        self.error: ServingError | None = None
        self.aspired = True
        self.attempts = 0
        self.load_at: float | None = 0.0
        self.may_return = False
        self._model: Closeable | None = None
        self._holders = 0
        self._idle = threading.Condition()

    def __str__(self) -> str:
        return f"{{name: {self.name} version: {self.number}}}"

    def begin_load(self) -> None:
        """Marks the version as claimed by a loader thread."""
        self.state = State.LOADING
        self.load_at = None

    def failed(self, retry_at: float | None) -> None:
        """An attempt failed: LOADING until the next (a time of the monotonic clock), else END."""
        self.load_at = retry_at
        if retry_at is None:
            self.state = State.END

    def give_up(self) -> None:
        """Cancels a scheduled attempt to load; a version that ended may be loaded anew when wanted again."""
        if self.load_at is not None:
            self.load_at = None
            self.state = State.END
        self.may_return = self.may_return or self.state is State.END

    def load(self, loader: Loader) -> bool:
        """Loads; True if it is now AVAILABLE, else `error` says why."""
        self.attempts += 1
        try:
            model = loader(self.name, self.number, self.directory)
        except Exception as error:  # noqa: BLE001  a broken model must never take the server down
            self.error = as_serving_error(error)
            return False
        with self._idle:
            self._model = model
            self.error = None
            self.state = State.AVAILABLE
        return True

    @contextmanager
    def hold(self) -> Iterator[Runner | None]:
        """The loaded model for the length of one request; None if it is not AVAILABLE any more."""
        with self._idle:
            model = self._model if self.state is State.AVAILABLE else None
            if model is not None:
                self._holders += 1
        try:
            yield model
        finally:
            if model is not None:
                with self._idle:
                    self._holders -= 1
                    self._idle.notify_all()

    def begin_unload(self) -> None:
        """Takes no more requests."""
        with self._idle:
            self.state = State.UNLOADING

    def finish_unload(self, patience: float | None = None) -> None:
        """Waits for the requests that hold it, then closes it.

        Args:
            patience: seconds after which it is closed under them; None waits for ever.
        """
        with self._idle:
            self._idle.wait_for(lambda: self._holders == 0, patience)
            model, self._model = self._model, None
        try:
            if model is not None:
                model.close()
        finally:
            self.state = State.END
