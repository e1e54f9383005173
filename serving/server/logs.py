"""The server's log: one line per event, on standard error."""

from __future__ import annotations

import logging
import sys
import time

log = logging.getLogger("serving.server")

_FORMAT = "%(asctime)s %(levelname).1s %(message)s"
_MAX_LINE = 2000
_MAX_TRACE = 8000
_WINDOW_S = 10.0
_MAX_REPEATS = 20


def log_to_stderr(level: int = logging.INFO) -> None:
    """Sends the server's log, and errors of the HTTP library, to standard error with time and level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(_FORMAT))
    handler.addFilter(RepeatFilter())
    for logger in (log, logging.getLogger("uvicorn.error"), logging.getLogger("asyncio")):
        logger.handlers[:] = [handler]
        logger.propagate = False
    log.setLevel(level)


class LineFormatter(logging.Formatter):
    """Formats a record as one line of printable text of bounded length; a traceback follows indented.

    Names and messages of clients are part of records: with their line breaks and escape sequences they
    could forge lines or drive the terminal that shows the log.
    """

    def format(self, record: logging.LogRecord) -> str:
        record.message = printable(record.getMessage(), _MAX_LINE)
        record.asctime = self.formatTime(record, self.datefmt)
        line = self.formatMessage(record)
        if not record.exc_info:
            return line
        trace = self.formatException(record.exc_info)
        if len(trace) > _MAX_TRACE:  # its end names the error
            trace = "..." + trace[-_MAX_TRACE:]
        return "\n".join([line, *("    " + printable(part, _MAX_LINE) for part in trace.splitlines())])


class RepeatFilter(logging.Filter):
    """Passes at most 20 warnings or errors of one kind per 10 seconds.

    A kind is a message before its arguments are filled in, so that there are no more kinds than calls
    in the code.
    """

    def __init__(self) -> None:
        super().__init__()
        self._windows: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        now = time.monotonic()
        kind = str(record.msg)[:200] if record.args else record.name
        begun, count = self._windows.get(kind, (now, 0))
        if now - begun > _WINDOW_S:
            begun, count = now, 0
        self._windows[kind] = (begun, count + 1)
        if count + 1 == _MAX_REPEATS:
            record.msg = f"{record.msg} (more of these are left out for {_WINDOW_S:.0f} s)"
        return count < _MAX_REPEATS


def printable(text: str, limit: int) -> str:
    """`text` with what is not printable escaped, cut to `limit` characters."""
    shown = text[:limit]
    if not shown.isprintable():
        shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in shown)[:limit]
    return shown if len(text) <= limit else shown + "..."
