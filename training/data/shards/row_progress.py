"""Progress of a pass over rows: rows per second and the time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

_PLAIN_SECONDS = 15.0  # between lines without a terminal


class RowProgress:
    """Shows rows, rows per second and the time left; on a terminal one line is rewritten.

    Args:
        console: output.
        doing: what is done, such as "reading".
        clock: monotonic time in seconds.
    """

    def __init__(
        self, console: Console, doing: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.console, self.doing, self.clock = console, doing, clock
        self.rows = 0
        self._live: Live | None = None

    def __enter__(self) -> RowProgress:
        self._began = self._last = self.clock()
        if self.console.is_terminal:
            self._live = Live(console=self.console, transient=True, refresh_per_second=4)
            self._live.start()
        return self

    def update(self, rows: int, share: float) -> None:
        """Set the number of rows that are done, and their share of all."""
        self.rows = rows
        now = self.clock()
        if now - self._last < (0.2 if self._live else _PLAIN_SECONDS):
            return
        self._last = now
        if self._live is not None:
            self._live.update(Text(self.line(share)))
        else:
            self.console.print(self.line(share), highlight=False, soft_wrap=True)

    def line(self, share: float) -> str:
        """Return the progress as a line."""
        seconds = max(self.clock() - self._began, 1e-9)
        left = seconds * (1 - share) / share if share > 0 else 0.0
        minutes, rest = divmod(round(max(0.0, left)), 60)
        rate = self.rows / seconds
        return f"{self.doing}: {self.rows:,} rows, {rate:,.0f} rows/s, {minutes}:{rest:02d} left"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
        if error is None:
            seconds = max(self.clock() - self._began, 1e-9)
            done = f"{self.doing}: {self.rows:,} rows in {seconds:,.0f} s, {self.rows / seconds:,.0f} rows/s"
            self.console.print(done, highlight=False, soft_wrap=True)
