"""Attention as a small table: a column for each source token, a row for each target token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from serving.client.printable import printable
from serving.client.tasks.translation import Explanation

_WORD_START = "▁"
_LEAST_SHOWN = 0.05
_DARK, _LIGHT = (24, 26, 34), (255, 176, 64)


def print_heat_map(console: Console, explanation: Explanation) -> None:
    """Draws the alignment; too many columns for the console continue in further tables.

    Widths are terminal cells, so that Hangul, which takes two, stays in line.
    """
    for columns in _columns_that_fit(explanation, console.width):
        console.print(_table(explanation, columns))


def _table(explanation: Explanation, columns: Sequence[int]) -> Table:
    table = Table(box=None, padding=(0, 0, 0, 1), pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    for index in columns:
        table.add_column(_shown(explanation.source_tokens[index]), justify="center", no_wrap=True)
    for token, weights in zip(explanation.target_tokens, explanation.alignment, strict=True):
        cells = [
            _cell(weights[index], cell_len(_shown(explanation.source_tokens[index]))) for index in columns
        ]
        table.add_row(_shown(token), *cells)
    return table


def _cell(weight: float, width: int) -> Text:
    share = min(1.0, max(0.0, weight))  # 0 for NaN
    label = f"{round(share * 100):d}" if share >= _LEAST_SHOWN else ""
    red, green, blue = (round(d + (b - d) * share) for d, b in zip(_DARK, _LIGHT, strict=True))
    ink = "black" if share > 0.5 else "white"
    return Text(label.center(max(width, 3)), Style.parse(f"{ink} on rgb({red},{green},{blue})"))


def _columns_that_fit(explanation: Explanation, width: int) -> Iterator[list[int]]:
    label = max((cell_len(_shown(token)) for token in explanation.target_tokens), default=0)
    columns: list[int] = []
    used = label + 1
    for index, token in enumerate(explanation.source_tokens):
        needed = max(cell_len(_shown(token)), 3) + 1
        if columns and used + needed > width:
            yield columns
            columns, used = [], label + 1
        columns.append(index)
        used += needed
    if columns:
        yield columns


def _shown(token: str) -> str:
    """A piece as it reads: no word mark, the end of the text as ∎; control characters as dots."""
    if token == "</s>":  # noqa: S105
        return "∎"
    return printable(token.replace(_WORD_START, " ").strip() or "␣")
