"""Text from anywhere, made safe to show in a terminal."""

from __future__ import annotations

# They join emoji and letters to one sign, and do no harm.
_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    """The text with a blank for each line break, tab or unusual blank, and a dot for each other letter
    that would steer the terminal instead of being seen."""
    return "".join(map(_shown, text))


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS:
        return letter
    return " " if letter.isspace() else "·"
