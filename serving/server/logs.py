"""The server's log: one line an event, on standard error."""

from __future__ import annotations

import logging
import sys

log = logging.getLogger("serving.server")


def log_to_stderr(level: int = logging.INFO) -> None:
    """Sends the server's log to standard error, with time and level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname).1s %(message)s"))
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
