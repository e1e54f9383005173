"""Translations, as `query` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.client.printable import one_line, printable
from serving.client.tasks.task import QueryView
from serving.client.tasks.translation import Explanation, Translation, TranslationMethods

if TYPE_CHECKING:
    from rich.console import Console

Answer = Translation | Explanation | list[Translation]


def _texts(answer: Answer) -> list[str]:
    return [one.text for one in answer] if isinstance(answer, list) else [answer.text]


def _same(first: Answer, second: Answer) -> bool:
    return _texts(first) == _texts(second)


def _lines(answer: Answer) -> list[str]:
    if isinstance(answer, list):
        return [f"{one.score:.4f}\t{one_line(one.text)}\n" for one in answer]
    return [f"{one_line(answer.text)}\n"]


def _truncated(answer: Answer) -> bool:
    return any(one.truncated for one in answer) if isinstance(answer, list) else answer.truncated


def _draw(console: Console, text: str, answer: Translation | Explanation) -> None:
    from serving.client.heat_map import print_heat_map

    console.print(printable(text), style="dim")
    console.print(printable(answer.text), style="bold")
    if answer.confidence is not None:
        console.print(f"confidence {answer.confidence:.2f}", style="dim")
    if isinstance(answer, Explanation):
        print_heat_map(console, answer)


TRANSLATIONS = QueryView(
    same=_same,
    lines=_lines,
    truncated=_truncated,
    draw=_draw,
    explained=TranslationMethods.explain,
    alternatives=TranslationMethods.alternatives,
)
