"""Counts of labels, and their imbalance."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from seqapp.text.excerpt import excerpt
from seqapp.text.label_cells import split_labels

_MOST_SHOWN = 8
# Fewer distinct texts of a label stay in training, see `split_stratified`.
_HELD_OUT_FROM = 3


def label_balance(cells: Iterable[str], separator: str = "") -> dict[str, Any]:
    """Count labels.

    Args:
        cells: label cell of each row.
        separator: label separator; "" for one label per row.

    Returns:
        ``{"counts": {label: rows}, "imbalance": ratio, "several": rows}``: the most frequent label first, the
        ratio of the most to the least frequent label, and rows with several labels.
    """
    counts: Counter[str] = Counter()
    several = 0
    for cell in cells:
        labels = split_labels(cell, separator)
        counts.update(labels)
        several += len(labels) > 1
    ordered = dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    return {
        "counts": ordered,
        "imbalance": round(max(counts.values()) / min(counts.values()), 3),
        "several": several,
    }


def label_lines(found: dict[str, Any]) -> list[str]:
    """Return number, most and least frequent labels, and the imbalance."""
    counts = list(found["counts"].items())
    lines = [f"labels: {len(counts):,}; imbalance {found['imbalance']:.1f} to 1"]
    if len(counts) <= 2 * _MOST_SHOWN:
        lines.append(_shown(counts))
    else:
        lines.append(f"most frequent: {_shown(counts[:_MOST_SHOWN])}")
        lines.append(f"rarest: {_shown(counts[-_MOST_SHOWN:])}")
    if found["several"]:
        lines.append(f"rows with several labels: {found['several']:,}")
    rare = sum(count < _HELD_OUT_FROM for _, count in counts)
    if rare:
        lines.append(f"labels with fewer than {_HELD_OUT_FROM} rows, never held out for scores: {rare:,}")
    return lines


def _shown(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{excerpt(label)} {count:,}" for label, count in counts)
