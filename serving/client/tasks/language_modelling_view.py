"""Completions, as `query` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.client.printable import one_line, printable
from serving.client.tasks.language_modelling import Completion, LanguageModellingMethods, NextToken
from serving.client.tasks.task import QueryView

if TYPE_CHECKING:
    from rich.console import Console

Answer = Completion | list[NextToken]


def _texts(answer: Answer) -> list[str]:
    return [one.token for one in answer] if isinstance(answer, list) else [answer.text]


def _same(first: Answer, second: Answer) -> bool:
    return _texts(first) == _texts(second)


def _lines(answer: Answer) -> list[str]:
    if isinstance(answer, list):
        return [f"{one.probability:.4f}\t{one_line(one.token)}\n" for one in answer]
    return [f"{one_line(answer.text)}\n"]


def _truncated(answer: Answer) -> bool:
    return not isinstance(answer, list) and answer.truncated


def _draw(console: Console, text: str, answer: Completion) -> None:
    console.print(printable(text), style="dim", end="")
    console.print(printable(answer.text), style="bold")


COMPLETIONS = QueryView(
    same=_same,
    lines=_lines,
    truncated=_truncated,
    draw=_draw,
    alternatives=LanguageModellingMethods.next_tokens,
)
