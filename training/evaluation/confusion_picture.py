"""Plot of a confusion matrix."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from training.evaluation.figures import GREY, new_figure, save
from training.evaluation.heat_map import heat_map

_ELLIPSIS = "…"
_LABEL_WIDTH = 20  # columns; a Hangul syllable takes two
_POINTS = 8
_DIGIT_INCHES = 0.62 * _POINTS / 72  # width of a digit of DejaVu Sans
_SMALLEST_CELL, _MOST_INCHES = 0.42, 24.0


def confusion_picture(matrix: npt.ArrayLike, names: Sequence[str], path: Path | str) -> None:
    """Draw a confusion matrix as a PNG.

    Colours are normalised per row, so that rare classes are readable beside frequent ones; numbers are
    counts, omitted if 0 or wider than the cell.

    Args:
        matrix: counts [C, C]; rows are expected classes, columns predicted classes.
        names: names of the C classes; longer ones are cut to 20 letters (10 Hangul syllables).
        path: PNG file, written atomically.

    Raises:
        ValueError: the shape of the matrix does not match the names.
    """
    counts = np.asarray(matrix)
    expected = (len(names), len(names))
    if counts.shape != expected or not names:
        raise ValueError(
            f"matrix: expected shape [C, C] = {expected} with at least one class, got {counts.shape}"
        )
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    cell = max(_SMALLEST_CELL, _width(int(counts.max())))
    side = cell * len(names) + 2.6
    figure = new_figure(min(max(side + 0.6, 4.4), _MOST_INCHES), min(max(side, 3.8), _MOST_INCHES))
    labels = [shortened(name) for name in names]
    axes = heat_map(figure, shares, labels, labels)
    axes.set_xlabel("predicted", color=GREY)
    axes.set_ylabel("expected", color=GREY)
    figure.draw_without_rendering()  # computes the size of the cells
    _write_counts(axes, counts, shares, axes.get_window_extent().width / figure.dpi / len(names))
    save(figure, Path(path))


def shortened(name: str, width: int = _LABEL_WIDTH) -> str:
    """Return the name, cut with an ellipsis to at most `width` columns."""
    if sum(map(_columns, name)) <= width:
        return name
    kept, room = "", width - 1
    for letter in name:
        room -= _columns(letter)
        if room < 0:
            break
        kept += letter
    return kept.rstrip() + _ELLIPSIS


def _columns(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _width(count: int) -> float:
    """Return the width of a number in inches, with padding."""
    return len(f"{count:,}") * _DIGIT_INCHES + 0.08


def _write_counts(axes: Axes, counts: np.ndarray, shares: np.ndarray, cell: float) -> None:
    for row, column in zip(*np.nonzero(counts), strict=True):
        count = int(counts[row, column])
        if _width(count) <= cell:
            colour = "white" if shares[row, column] > 0.55 else "#24323f"
            axes.text(column, row, f"{count:,}", ha="center", va="center", fontsize=_POINTS, color=colour)
