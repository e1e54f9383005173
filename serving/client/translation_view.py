"""Translations, as `query` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.client.printable import printable
from serving.client.query_view import TRUNCATED, QueryView
from serving.client.results import Explanation, Translation
from serving.client.synchronous import Client

if TYPE_CHECKING:
    from rich.console import Console

Answer = Translation | Explanation | list[Translation]


def _texts(answer: Answer) -> list[str]:
    return [one.text for one in answer] if isinstance(answer, list) else [answer.text]


def _same(first: Answer, second: Answer) -> bool:
    return _texts(first) == _texts(second)


def _lines(answer: Answer) -> list[str]:
    if isinstance(answer, list):
        return [f"{one.score:.4f}\t{_one_line(one.text)}\n" for one in answer]
    return [f"{_one_line(answer.text)}\n"]


def _one_line(text: str) -> str:
    return " ".join(text.splitlines())


def _draw(console: Console, text: str, answer: Translation | Explanation) -> None:
    from serving.client.heat_map import print_heat_map

    console.print(printable(text), style="dim")
    console.print(printable(answer.text), style="bold")
    if isinstance(answer, Explanation):
        if answer.truncated:
            console.print(TRUNCATED, style="yellow")
        print_heat_map(console, answer)


TRANSLATIONS = QueryView(
    plain=Client.translate,
    explained=Client.explain,
    alternatives=Client.alternatives,
    same=_same,
    lines=_lines,
    draw=_draw,
)
