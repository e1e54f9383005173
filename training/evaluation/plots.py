"""Plots of a run: learning curves and attention weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from training.evaluation.figures import GREY, legend, new_figure, quiet, save
from training.evaluation.heat_map import heat_map

_TRAINING, _VALIDATION = "#9aa5b1", "#1f5fa8"
_SPACE_MARK = "▁"  # SentencePiece's mark of a space


class Panel(NamedTuple):
    """A panel of a learning curve.

    Fields:
        title: title of the panel.
        training: column of the training score; None for none.
        validation: column of the validation score.
        best: `min` or `max`, whichever is better.
    """

    title: str
    training: str | None
    validation: str
    best: Callable[[Iterable[float]], float] = max


def learning_curve(
    history_rows: Sequence[Mapping[str, Any]], panels: Sequence[Panel], path: Path | str
) -> None:
    """Draw training and validation scores over the epochs as a PNG.

    Args:
        history_rows: rows of history.csv, one per epoch, as numbers or strings: `epoch` and the columns of
            the panels. Missing and empty values are omitted, other columns are ignored.
        panels: panels from left to right; those without a value are omitted.
        path: PNG file, written atomically.
    """
    panels = [panel for panel in panels if any(_curve(history_rows, column)[0] for column in panel[1:3])]
    figure = new_figure(4.2 * max(1, len(panels)), 3.4)
    if not panels:
        figure.text(0.5, 0.5, "no epoch was finished", ha="center", va="center", color=GREY)
    for axes, (title, train, validation, best) in zip(
        np.atleast_1d(figure.subplots(1, len(panels))) if panels else (), panels, strict=True
    ):
        _draw_curve(axes, history_rows, train, "training", _TRAINING)
        _draw_curve(axes, history_rows, validation, "validation", _VALIDATION)
        _mark_best(axes, history_rows, validation, best)
        axes.set_title(title, fontsize=11, loc="left")
        axes.set_xlabel("epoch", color=GREY)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        quiet(axes)
        if train is not None:
            legend(axes, "upper right" if best is min else "lower right")
    save(figure, Path(path))


def attention_map(
    source_tokens: Sequence[str], target_tokens: Sequence[str], weights: npt.ArrayLike, path: Path | str
) -> None:
    """Draw the attention weights of target tokens on source tokens as a PNG.

    Args:
        source_tokens: `S` tokens, left to right.
        target_tokens: `T` tokens, top to bottom.
        weights: attention weights `[T, S]` in [0, 1].
        path: PNG file, written atomically.

    Raises:
        ValueError: the shape of the weights does not match the tokens.
    """
    matrix = np.asarray(weights, dtype=float)
    expected = (len(target_tokens), len(source_tokens))
    if matrix.shape != expected or 0 in expected:
        raise ValueError(
            f"weights: expected shape [T, S] = {expected} with at least one token each, got {matrix.shape}; "
            "remove the padding from tokens and weights"
        )
    width, height = (min(max(0.36 * count + 2.0, 4.0), 24.0) for count in reversed(expected))
    figure = new_figure(width, height)
    heat_map(
        figure, matrix, [_shown(token) for token in target_tokens], [_shown(token) for token in source_tokens]
    )
    save(figure, Path(path))


def _curve(rows: Sequence[Mapping[str, Any]], column: str | None) -> tuple[list[float], list[float]]:
    """Return the epochs with a finite value in the column, and the values."""
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


def _shown(token: str) -> str:
    """Return the token without its leading space mark, unless it is only that."""
    return token.removeprefix(_SPACE_MARK) or token
