"""A text with its words coloured by what they add to the log-odds of its label."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from serving.client.printable import printable
from serving.client.tasks.classification import WeightedSpan
from serving.client.transport import text_bytes

_DARK, _GREEN, _RED = (24, 26, 34), (63, 200, 90), (255, 100, 90)
_LEAST_SHOWN = 0.05
_LONGEST_NAMED = 24  # cells
_LEAST_NAMED = 0.005  # what two decimals can show


def coloured_text(text: str, words: Sequence[WeightedSpan]) -> Text:
    """Words that speak for the label on green, against it on red, the stronger the lighter.

    Args:
        text: the request's.
        words: as of `merge_tokens_into_words`; what follows the last one was not read and is dim.
    """
    data = text_bytes(text)
    largest = max((abs(word.weight) for word in words), default=0.0)
    shown = Text()
    last = 0
    for word in words:
        shown.append(_part(data, last, word.begin))
        shown.append(_part(data, word.begin, word.end), _style(word.weight, largest))
        last = word.end
    return shown.append(_part(data, last, len(data)), "dim")


def strongest_words(words: Sequence[WeightedSpan], count: int = 3) -> Text:
    """The words that say most for the label, and those that say most against it, with their weights."""
    by_weight = sorted(words, key=lambda word: -word.weight)
    sides = {
        "for": [word for word in by_weight[:count] if word.weight >= _LEAST_NAMED],
        "against": [word for word in by_weight[: -count - 1 : -1] if word.weight <= -_LEAST_NAMED],
    }
    return Text("   ").join(_named(side, chosen) for side, chosen in sides.items() if chosen)


def _named(side: str, words: Sequence[WeightedSpan]) -> Text:
    line = Text(f"{side}:", "dim")
    for word in words:
        name = Text(printable(word.text))
        name.truncate(_LONGEST_NAMED, overflow="ellipsis")
        line = Text.assemble(line, "  ", name, " ", (f"{word.weight:+.2f}", "dim"))
    return line


def _part(data: bytes, begin: int, end: int) -> str:
    return printable(data[begin:end].decode("utf-8", "replace"))


def _style(weight: float, largest: float) -> Style:
    share = abs(weight) / largest if 0 < largest < math.inf else 0.0
    if not share >= _LEAST_SHOWN:  # not a number is no colour either
        return Style.null()
    light = _GREEN if weight > 0 else _RED
    red, green, blue = (round(d + (b - d) * share) for d, b in zip(_DARK, light, strict=True))
    ink = "black" if share > 0.5 else "white"
    return Style.parse(f"{ink} on rgb({red},{green},{blue})")
