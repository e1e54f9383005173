"""Errors of the commands on standard error."""

from __future__ import annotations

import sys

from serving.client.printable import printable

_LONGEST = 2000


def write_error(error: Exception | str) -> None:
    """Writes ``error: …`` to stderr; lines stay lines, other control characters are replaced."""
    text = "\n".join(map(printable, str(error).strip().split("\n")))
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    sys.stderr.write(f"error: {shown}\n")
