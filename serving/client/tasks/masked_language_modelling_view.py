"""Filled texts, as `query` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.client.printable import one_line, printable
from serving.client.tasks.masked_language_modelling import (
    Filling,
    MaskedLanguageModellingMethods,
    MaskedToken,
)
from serving.client.tasks.task import QueryView

if TYPE_CHECKING:
    from rich.console import Console

Answer = Filling | tuple[tuple[MaskedToken, ...], ...]
# Likeliest tokens per mark in a terminal.
_SHOWN = 5


def _texts(answer: Answer) -> list[str]:
    if isinstance(answer, Filling):
        return [answer.text]
    return [one.token for mark in answer for one in mark]


def _same(first: Answer, second: Answer) -> bool:
    return _texts(first) == _texts(second)


def _lines(answer: Answer) -> list[str]:
    if isinstance(answer, Filling):
        return [f"{one_line(answer.text)}\n"]
    return [
        f"{number}\t{one.probability:.4f}\t{one_line(one.token)}\n"
        for number, mark in enumerate(answer, 1)
        for one in mark
    ]


def _truncated(answer: Answer) -> bool:
    return isinstance(answer, Filling) and answer.truncated


def _draw(console: Console, text: str, answer: Filling) -> None:
    console.print(printable(answer.text), style="bold")
    for mark in answer.marks:
        console.print("  ".join(map(_shown, mark[:_SHOWN])), style="dim")


def _shown(token: MaskedToken) -> str:
    return f"{printable(token.token.removeprefix('▁')) or '▁'} {token.probability:.2f}"


FILLINGS = QueryView(
    same=_same,
    lines=_lines,
    truncated=_truncated,
    draw=_draw,
    alternatives=MaskedLanguageModellingMethods.masked_tokens,
)
