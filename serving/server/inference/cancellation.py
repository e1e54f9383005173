"""Cancellation of the request that the current thread handles."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from serving.server.status import Code, ServingError

_current: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


class Cancellation:
    """A thread-safe flag with callbacks, set when the client disconnects or the call ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Callable[[], object]] = []
        self.is_set = False

    def set(self) -> None:
        """Sets the flag and calls the callbacks."""
        with self._lock:
            self.is_set = True
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def on_set(self, call: Callable[[], object]) -> None:
        """Registers a callback; called at once if the flag is already set."""
        with self._lock:
            if not self.is_set:
                self._calls.append(call)
                return
        call()

    def check(self) -> None:
        """Raises if the flag is set.

        Raises:
            ServingError: CANCELLED.
        """
        if self.is_set:
            raise cancelled()


@contextmanager
def cancellable(cancellation: Cancellation) -> Iterator[None]:
    """Makes `cancellation` the current one inside the block."""
    token = _current.set(cancellation)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Cancellation:
    """Returns the current request's cancellation; outside of a request one that is never set."""
    return _current.get() or Cancellation()


def cancelled() -> ServingError:
    """Returns the error of a request whose client disconnected."""
    return ServingError(Code.CANCELLED, "The client disconnected before the request finished.")
