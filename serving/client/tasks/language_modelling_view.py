"""Completions, as `query` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqapp.text.token_surprise import token_surprise
from serving.client.printable import one_line, printable
from serving.client.tasks.language_modelling import (
    Completion,
    LanguageModellingMethods,
    NextToken,
    ScoredCompletion,
    join_completion,
)
from serving.client.tasks.task import QueryView
from serving.client.transport import text_bytes

if TYPE_CHECKING:
    from rich.console import Console

Answer = Completion | ScoredCompletion | list[NextToken]
_TEXT_END = "</s>"


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


def _draw(console: Console, text: str, answer: Completion | ScoredCompletion) -> None:
    if isinstance(answer, ScoredCompletion):
        _draw_shaded(console, text, answer)
    else:
        console.print(printable(text), style="dim", end="")
        console.print(printable(answer.text), style="bold")


def _draw_shaded(console: Console, text: str, answer: ScoredCompletion) -> None:
    from serving.client.shaded_completion import shade_legend, shaded_completion

    data = join_completion(text, answer.text)
    tokens = ((one.begin, one.end, one.log_probability) for one in answer.tokens if one.token != _TEXT_END)
    begin = len(data) - len(text_bytes(answer.text))
    console.print(shaded_completion(data, begin, token_surprise(data, tokens)))
    if console.color_system and not console.no_color:
        console.print(shade_legend())


COMPLETIONS = QueryView(
    same=_same,
    lines=_lines,
    truncated=_truncated,
    draw=_draw,
    explained=LanguageModellingMethods.complete_and_score,
    alternatives=LanguageModellingMethods.next_tokens,
)
