"""Heat map of a matrix with labelled rows and columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluation.figures import GREY, LINE_GREY, drawable, label_style

_CELL_BORDER = "#e6eaee"


def heat_map(figure: Figure, matrix: np.ndarray, rows: Sequence[str], columns: Sequence[str]) -> Axes:
    """Draw the matrix with a colour bar, white at 0 and dark blue at 1.

    Args:
        figure: an empty figure.
        matrix: float [rows, columns] in [0, 1].
        rows: row labels, top to bottom.
        columns: column labels, left to right, drawn above the cells.
    """
    axes = figure.add_subplot()
    image = axes.imshow(matrix, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
    axes.set_xticks(range(len(columns)), [drawable(word) for word in columns], **label_style())
    axes.set_yticks(range(len(rows)), [drawable(word) for word in rows], **label_style())
    axes.tick_params(length=0)
    axes.tick_params(axis="x", labeltop=True, labelbottom=False, rotation=60)
    for label in axes.get_xticklabels():
        label.set(ha="left", rotation_mode="anchor")
    axes.set_xticks(np.arange(0.5, len(columns) - 1), minor=True)
    axes.set_yticks(np.arange(0.5, len(rows) - 1), minor=True)
    axes.grid(which="minor", color=_CELL_BORDER, linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_color(LINE_GREY)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.02, ticks=[0, 0.5, 1])
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=8, labelcolor=GREY)
    return axes
