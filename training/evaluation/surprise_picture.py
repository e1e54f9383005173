"""Plot of the surprise of each token of a text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from training.evaluation.confusion_picture import shortened
from training.evaluation.figures import GREY, drawable, label_style, new_figure, quiet, save

_BAR = "#1f5fa8"
_PER_ROW, _LEAST_PER_ROW = 30, 8  # tokens
_TOKEN_INCHES, _ROW_INCHES, _MOST_INCHES = 0.42, 2.1, 120.0


def surprise_picture(tokens: Sequence[str], bits: Sequence[float], title: str, path: Path | str) -> None:
    """Draw one bar per token, in equal rows of at most 30 tokens with one scale, as a PNG or SVG.

    Args:
        tokens: `T` tokens; longer ones are cut to 20 letters (10 Hangul syllables).
        bits: surprise of each token, at least 0; infinite ones are drawn as high as the highest, with ∞.
        title: title of the picture.
        path: PNG or, with the suffix `.svg`, SVG file, written atomically.

    Raises:
        ValueError: the number of bits does not match the tokens.
    """
    if len(bits) != len(tokens) or not tokens:
        raise ValueError(
            f"bits: expected as many as tokens, at least one, got {len(bits)} for {len(tokens)} tokens"
        )
    rows = math.ceil(len(tokens) / _PER_ROW)
    per_row = math.ceil(len(tokens) / rows)
    width = max(per_row, _LEAST_PER_ROW)
    figure = new_figure(_TOKEN_INCHES * width + 1.2, min(_ROW_INCHES * rows + 0.5, _MOST_INCHES))
    highest = max((value for value in bits if math.isfinite(value)), default=1.0) or 1.0
    for row, axes in enumerate(figure.subplots(rows, 1, squeeze=False)[:, 0]):
        part = slice(row * per_row, (row + 1) * per_row)
        _draw_row(axes, tokens[part], bits[part], highest)
        axes.set_xlim(-0.5, width - 0.5)
        axes.set_ylim(0, 1.2 * highest)  # with room for the numbers
    figure.axes[0].set_title(title, fontsize=11, loc="left")
    save(figure, Path(path))


def _draw_row(axes: Axes, tokens: Sequence[str], bits: Sequence[float], highest: float) -> None:
    quiet(axes)
    axes.set_axisbelow(True)
    heights = np.nan_to_num(bits, nan=0.0, posinf=highest)
    axes.bar(range(len(tokens)), heights, color=_BAR, width=0.8)
    for place, (height, value) in enumerate(zip(heights, bits, strict=True)):
        number = "∞" if math.isinf(value) else f"{value:z.1f}"
        axes.text(place, height, number, ha="center", va="bottom", fontsize=7, color=GREY)
    labels = [drawable(shortened(token)) for token in tokens]
    axes.set_xticks(range(len(tokens)), labels, **label_style())
    axes.tick_params(axis="x", rotation=60)
    for label in axes.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("bits", color=GREY)
