"""Whether anybody still waits for the answer of the request that runs in this thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from serving.server.status import Code, ServingError

_current: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


class Cancellation:
    """Set once, by a port whose client left; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Callable[[], object]] = []
        self.is_set = False

    def set(self) -> None:
        """The client left."""
        with self._lock:
            self.is_set = True
            calls, self._calls = self._calls, []
        for call in calls:
            call()

    def on_set(self, call: Callable[[], object]) -> None:
        """Calls `call` once it is set, at once if it is already."""
        with self._lock:
            if not self.is_set:
                self._calls.append(call)
                return
        call()

    def check(self) -> None:
        """Ends a request that nobody waits for.

        Raises:
            ServingError: CANCELLED.
        """
        if self.is_set:
            raise cancelled()


@contextmanager
def cancellable(cancellation: Cancellation) -> Iterator[None]:
    """Makes `cancellation` the one of what runs inside."""
    token = _current.set(cancellation)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Cancellation:
    """The cancellation of the request that runs in this thread; one that is never set outside of any."""
    return _current.get() or Cancellation()


def cancelled() -> ServingError:
    """The error of a request whose client left."""
    return ServingError(Code.CANCELLED, "The client left before it was answered.")
