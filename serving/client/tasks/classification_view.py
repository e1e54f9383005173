"""Labels, as `query` shows them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from serving.client.merge_tokens import merge_tokens_into_words
from serving.client.printable import one_line, printable
from serving.client.tasks.abstention import abstaining
from serving.client.tasks.classification import Classification, ClassificationMethods, Ranking, Reasons
from serving.client.tasks.task import QueryView

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Answer = Classification | Reasons | Ranking
_BAR = 20  # cells of certainty
_ROUNDING = 1e-4
_NO_LABEL = "(no label)"  # none likely of several labels per text, or below a threshold


def _probabilities(answer: Answer) -> dict[str, float]:
    classes = answer.classes if isinstance(answer, Ranking) else (answer,)
    return {one.label: one.probability for one in classes}


def _same(first: Answer, second: Answer) -> bool:
    ours, theirs = _probabilities(first), _probabilities(second)
    return ours.keys() == theirs.keys() and all(
        math.isclose(ours[label], theirs[label], abs_tol=_ROUNDING) for label in ours
    )


def _lines(answer: Answer) -> list[str]:
    return [f"{_one_line(label)}\t{value:.4f}\n" for label, value in _probabilities(answer).items()]


def _one_line(label: str) -> str:
    # A tab in a label would look like the end of it.
    return one_line(label).replace("\t", " ")


def _truncated(answer: Answer) -> bool:
    return answer.truncated


def _draw(console: Console, text: str, answer: Answer) -> None:
    from rich.text import Text

    if isinstance(answer, Ranking):
        console.print(printable(text), style="dim")
        console.print(_bars(answer))
    else:
        label = printable(answer.label) or _NO_LABEL
        console.print(Text.assemble((label, "bold"), f"  {_per_cent(answer.probability)}"))
        if answer.typicality is not None:
            console.print(f"typicality {answer.typicality:.3f}", style="dim")
        _draw_text(console, text, answer)


def _draw_text(console: Console, text: str, answer: Classification | Reasons) -> None:
    from serving.client.coloured_words import coloured_text, strongest_words

    if isinstance(answer, Classification):
        console.print(printable(text), style="dim")
        return
    words = merge_tokens_into_words(text, answer.tokens)
    console.print(coloured_text(text, words))
    if line := strongest_words(words):
        console.print(line)


def _bars(ranking: Ranking) -> Text:
    from rich.cells import cell_len
    from rich.text import Text

    names = [printable(one.label) for one in ranking.classes]
    width = max(map(cell_len, names), default=0)
    lines: list[Text] = []
    for name, one in zip(names, ranking.classes, strict=True):
        filled = round(one.probability * _BAR) if 0 <= one.probability <= 1 else 0
        bar = ("█" * filled).ljust(_BAR)
        rest = f"{' ' * (width - cell_len(name))}  {bar}  {_per_cent(one.probability):>7}"
        lines.append(Text.assemble((name, "" if lines else "bold"), rest))
    return Text("\n").join(lines)


def _per_cent(probability: float) -> str:
    return f"{probability * 100:.1f} %"


LABELS = QueryView(
    same=_same,
    lines=_lines,
    truncated=_truncated,
    draw=_draw,
    explained=ClassificationMethods.explain_label,
    alternatives=ClassificationMethods.probabilities,
    draws_alternatives=True,
    abstaining=abstaining,
)
