"""Histogram of text lengths, in bins that double."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from training.inspection.percent import percent

_WIDEST_BAR = 40


def length_histogram(lengths: Sequence[int]) -> dict[str, Any]:
    """Return summary and histogram of lengths.

    The bins are 0, 1, 2 to 3, 4 to 7, and so on, from the shortest to the longest length.

    Args:
        lengths: at least one, each 0 or more.

    Returns:
        ``{"median", "percentile_95", "longest", "histogram": [{"from", "to", "rows"}, …]}``
    """
    ordered = sorted(lengths)
    bins = Counter(length.bit_length() for length in ordered)
    return {
        "median": ordered[(len(ordered) - 1) // 2],
        "percentile_95": ordered[(len(ordered) - 1) * 95 // 100],
        "longest": ordered[-1],
        "histogram": [
            {"from": 1 << bits >> 1, "to": (1 << bits) - 1, "rows": bins[bits]}
            for bits in range(min(bins), max(bins) + 1)
        ],
    }


def histogram_lines(found: dict[str, Any]) -> list[str]:
    """Return a line per bin, with a bar; the most frequent bin has the longest bar."""
    bins = found["histogram"]
    total = sum(one["rows"] for one in bins)
    most = max(one["rows"] for one in bins)
    shown = [_range(one) for one in bins]
    width = max(map(len, shown))
    lines = []
    for name, one in zip(shown, bins, strict=True):
        # A bin with any row has a bar.
        bar = "#" * -(-one["rows"] * _WIDEST_BAR // most)
        lines.append(f"{name:>{width}}  {percent(one['rows'] / total):>6}  {bar}".rstrip())
    return lines


def _range(one: dict[str, int]) -> str:
    return f"{one['from']:,}" if one["from"] == one["to"] else f"{one['from']:,}-{one['to']:,}"
