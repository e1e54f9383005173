"""A completion with its tokens shaded by surprise: the more bits, the lighter."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from rich.text import Text

from seqapp.text.token_surprise import TokenSurprise
from serving.client.printable import printable

_BOUNDS = (1.0, 3.0, 6.0)  # bits per token, between two shades
_RANGES = ("0-1", "1-3", "3-6", "6+")
_SHADES = (
    "white on rgb(24,26,34)",
    "white on rgb(101,76,44)",
    "black on rgb(178,126,54)",
    "black on rgb(255,176,64)",
)


def shaded_completion(data: bytes, begin: int, surprise: Sequence[TokenSurprise]) -> Text:
    """The prompt dim, and each token of the completion in the shade of its bits.

    Args:
        data: prompt and completion.
        begin: first byte of the completion; of a token that begins before it, the rest is shaded.
        surprise: as of `token_surprise`; what no token covers is bold.
    """
    shown = Text().append(_part(data, 0, begin), "dim")
    last = begin
    for token in surprise:
        start = max(token.begin, last)
        if token.end > start:
            shown.append(_part(data, last, start), "bold")
            shown.append(_part(data, start, token.end), _shade(token.bits))
            last = token.end
    return shown.append(_part(data, last, len(data)), "bold")


def shade_legend() -> Text:
    """One line that names the shades."""
    parts = [part for one in zip(_RANGES, _SHADES, strict=True) for part in (" ", one)]
    return Text.assemble(("bits per token:", "dim"), *parts)


def _shade(bits: float) -> str:
    return _SHADES[0 if math.isnan(bits) else bisect_right(_BOUNDS, bits)]


def _part(data: bytes, begin: int, end: int) -> str:
    return printable(data[begin:end].decode("utf-8", "replace"))
