"""Common parts of all plots: fonts with Hangul, colours, axes style, saving."""

from __future__ import annotations

import importlib.util
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Literal

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.layout_engine import ConstrainedLayoutEngine

from seqapp.atomic_files import atomic_write

GREY, LINE_GREY, GRID_GREY = "#5b6570", "#c9d1d9", "#eef1f4"
_FALLBACK_FONT = "DejaVu Sans"  # comes with matplotlib
_SUBSTITUTE = "□"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure with constrained layout; sizes in inches."""
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))


def save(figure: Figure, path: Path) -> None:
    """Write the figure atomically: a `.svg` as SVG, any other as PNG with 150 dots per inch."""
    FigureCanvasAgg(figure)
    if path.suffix.lower() == ".svg":
        options: dict[str, Any] = {"format": "svg", "metadata": {"Date": None}}
    else:
        options = {"format": "png", "dpi": 150, "metadata": {"Software": None}}
    # The salt makes the ids in an SVG those of its content.
    with atomic_write(path) as temporary, rc_context({"svg.hashsalt": path.suffix}):
        figure.savefig(temporary, **options)


def quiet(axes: Axes) -> None:
    """Style the axes of a curve: grey, without top and right spines."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE_GREY)
    axes.tick_params(color=LINE_GREY, labelcolor=GREY, labelsize=9)
    axes.grid(axis="y", color=GRID_GREY)
    axes.margins(y=0.15)


def label_style() -> dict[str, Any]:
    """Return the text options for strings from data."""
    # "$" must not start a formula.
    return {"fontfamily": list(fonts()), "fontsize": 10, "parse_math": False}


def drawable(text: str) -> str:
    """Return the text with a box for each character missing in all fonts."""
    known = frozenset().union(*fonts().values())
    return "".join(
        letter if ord(letter) in known and unicodedata.category(letter) != "Cc" else _SUBSTITUTE
        for letter in text
    )


@cache
def fonts() -> dict[str, frozenset[int]]:
    """Return font name → its code points, fonts with Hangul first."""
    files = {_FALLBACK_FONT: Path(font_manager.findfont(_FALLBACK_FONT))}
    # Only the font file is used; importing the package changes matplotlib's settings and warns.
    package = importlib.util.find_spec("koreanize_matplotlib")
    for folder in (package.submodule_search_locations or []) if package else []:
        file = Path(folder) / "fonts" / "NanumGothic.ttf"
        if file.is_file():
            font_manager.fontManager.addfont(file)
            files = {font_manager.FontProperties(fname=file).get_name(): file, **files}
    return {name: frozenset(FT2Font(file).get_charmap()) for name, file in files.items()}


def legend(axes: Axes, place: Literal["upper right", "lower right", "lower left"]) -> None:
    """Show the labels of the curves at a place, since the search for the best one warns when it is slow."""
    axes.legend(frameon=False, fontsize=9, loc=place)
