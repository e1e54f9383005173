"""Pictures of a run: its learning curves, and what a translation attended to."""

from __future__ import annotations

import importlib.util
import os
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

_TRAINING, _VALIDATION, _GREY = "#9aa5b1", "#1f5fa8", "#5b6570"
_FALLBACK_FONT = "DejaVu Sans"  # comes with matplotlib
_SUBSTITUTE = "□"
_BLANK_MARK = "▁"  # how SentencePiece writes the blank before a word

# Panel title, column of the training part, column of the validation part, which end is best.
_PANELS = (
    ("loss per token", "loss", "validation_loss", min),
    ("token accuracy", "token_accuracy", "validation_token_accuracy", max),
    ("chrF on validation text", None, "validation_chrf", max),
)


def learning_curve(history_rows: Sequence[Mapping[str, Any]], path: Path | str) -> None:
    """Draws loss, token accuracy and, where it was measured, chrF over the epochs, as a PNG.

    Args:
        history_rows: the rows of history.csv, one an epoch, numbers or their spelling: `epoch`,
            `loss`, `token_accuracy`, `validation_loss`, `validation_token_accuracy`,
            `validation_chrf`. Columns may be missing and cells empty; others are ignored.
        path: of the picture; it appears complete or not at all.
    """
    panels = [panel for panel in _PANELS if any(_curve(history_rows, column)[0] for column in panel[1:3])]
    figure = Figure(
        figsize=(4.2 * max(1, len(panels)), 3.4), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12)
    )
    if not panels:
        figure.text(0.5, 0.5, "no epoch was finished", ha="center", va="center", color=_GREY)
    for axes, (title, train, validation, best) in zip(
        np.atleast_1d(figure.subplots(1, len(panels))) if panels else (), panels, strict=True
    ):
        _draw_curve(axes, history_rows, train, "training", _TRAINING)
        _draw_curve(axes, history_rows, validation, "validation", _VALIDATION)
        _mark_best(axes, history_rows, validation, best)
        axes.set_title(title, fontsize=11, loc="left")
        axes.set_xlabel("epoch", color=_GREY)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        _quiet(axes)
        if train is not None:
            axes.legend(frameon=False, fontsize=9)
    _save(figure, Path(path))


def attention_map(
    source_tokens: Sequence[str], target_tokens: Sequence[str], weights: npt.ArrayLike, path: Path | str
) -> None:
    """Draws how much each target token attended to each source token, as a PNG.

    Args:
        source_tokens: `S` tokens, left to right.
        target_tokens: `T` tokens, top to bottom.
        weights: `[T, S]`, each row's weights in [0, 1].
        path: of the picture; it appears complete or not at all.

    Raises:
        ValueError: the weights' shape is not the tokens'.
    """
    matrix = np.asarray(weights, dtype=float)
    expected = (len(target_tokens), len(source_tokens))
    if matrix.shape != expected or 0 in expected:
        raise ValueError(
            f"weights: expected shape [T, S] = {expected} with at least one token each, got {matrix.shape}; "
            "cut off the padding of tokens and weights alike."
        )
    width, height = (min(max(0.36 * count + 2.0, 4.0), 24.0) for count in reversed(expected))
    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))
    axes = figure.add_subplot()
    image = axes.imshow(matrix, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
    axes.set_xticks(range(expected[1]), [_drawable(token) for token in source_tokens], **_label_style())
    axes.set_yticks(range(expected[0]), [_drawable(token) for token in target_tokens], **_label_style())
    axes.tick_params(length=0)
    axes.tick_params(axis="x", labeltop=True, labelbottom=False, rotation=60)
    for label in axes.get_xticklabels():
        label.set(ha="left", rotation_mode="anchor")
    axes.set_xticks(np.arange(0.5, expected[1] - 1), minor=True)
    axes.set_yticks(np.arange(0.5, expected[0] - 1), minor=True)
    axes.grid(which="minor", color="#e6eaee", linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_color("#c9d1d9")
    bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.02, ticks=[0, 0.5, 1])
    bar.outline.set_visible(False)
    bar.ax.tick_params(length=0, labelsize=8, labelcolor=_GREY)
    _save(figure, Path(path))


def _curve(rows: Sequence[Mapping[str, Any]], column: str | None) -> tuple[list[float], list[float]]:
    """The epochs that have a finite value in the column, and the values."""
    found = [
        (_number(row.get("epoch"), place), value)
        for place, row in enumerate(rows, start=1)
        if column is not None and np.isfinite(value := _number(row.get(column)))
    ]
    return [epoch for epoch, _ in found], [value for _, value in found]


def _number(cell: Any, otherwise: float = float("nan")) -> float:
    return otherwise if cell is None or cell == "" else float(cell)


def _draw_curve(
    axes: Axes, rows: Sequence[Mapping[str, Any]], column: str | None, name: str, colour: str
) -> None:
    epochs, values = _curve(rows, column)
    if epochs:
        marker = "o" if len(epochs) <= 30 else ""
        axes.plot(epochs, values, color=colour, linewidth=1.8, marker=marker, markersize=3.5, label=name)


def _mark_best(axes: Axes, rows: Sequence[Mapping[str, Any]], column: str, best: Any) -> None:
    epochs, values = _curve(rows, column)
    if not epochs:
        return
    place = values.index(best(values))
    axes.plot(epochs[place], values[place], "o", color=_VALIDATION, markersize=7, fillstyle="none")
    above = best is min
    axes.annotate(
        f"{values[place]:.3g}",
        (epochs[place], values[place]),
        xytext=(0, 9 if above else -9),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        fontsize=9,
        color=_VALIDATION,
    )


def _quiet(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#c9d1d9")
    axes.tick_params(color="#c9d1d9", labelcolor=_GREY, labelsize=9)
    axes.grid(axis="y", color="#eef1f4")
    axes.margins(y=0.15)


def _label_style() -> dict[str, Any]:
    # A token may be "$": never to be read as a formula.
    return {"fontfamily": list(_fonts()), "fontsize": 10, "parse_math": False}


def _drawable(token: str) -> str:
    """The token with its blanks shown plainly, and a box for what no font here can draw."""
    token = token.removeprefix(_BLANK_MARK) or token
    known = frozenset().union(*_fonts().values())
    return "".join(
        letter if ord(letter) in known and unicodedata.category(letter) != "Cc" else _SUBSTITUTE
        for letter in token
    )


@cache
def _fonts() -> dict[str, frozenset[int]]:
    """The fonts to draw labels with, Hangul first: name → the code points each has."""
    files = {_FALLBACK_FONT: Path(font_manager.findfont(_FALLBACK_FONT))}
    # Only the font is wanted of this package; importing it changes matplotlib's settings and warns.
    package = importlib.util.find_spec("koreanize_matplotlib")
    for folder in (package.submodule_search_locations or []) if package else []:
        file = Path(folder) / "fonts" / "NanumGothic.ttf"
        if file.is_file():
            font_manager.fontManager.addfont(file)
            files = {font_manager.FontProperties(fname=file).get_name(): file, **files}
    return {name: frozenset(FT2Font(file).get_charmap()) for name, file in files.items()}


def _save(figure: Figure, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        FigureCanvasAgg(figure)
        figure.savefig(temporary, format="png", dpi=150, metadata={"Software": None})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
