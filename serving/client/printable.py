"""Text from anywhere, made safe to show in a terminal."""

from __future__ import annotations

import re

# They join emoji and letters to one sign, and do no harm.
_JOINERS = "\u200c\u200d"
# All that some reader takes for the end of a line.
_LINE_END = re.compile("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


def printable(text: str) -> str:
    """The text with a blank for each line break, tab or unusual blank, and a dot for each other letter
    that would steer the terminal instead of being seen."""
    return "".join(map(_shown, text))


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS:
        return letter
    return " " if letter.isspace() else "·"


def one_line(text: str) -> str:
    """The text with a blank for each end of a line, so that one record stays one line for every reader."""
    return _LINE_END.sub(" ", text)


def excerpt(text: str, longest: int = 300) -> str:
    """At most so many printable letters: of a longer text the beginning, an ellipsis and the end."""
    shown = printable(text.strip())
    if len(shown) <= longest:
        return shown
    tail = longest // 3
    return f"{shown[: longest - tail - 1]}…{shown[-tail:]}"
