"""Masked language modelling: results and methods of models that fill marks in texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from serving.client.errors import UnexpectedReplyError
from serving.client.methods import Methods, Stream, operation
from serving.client.operations import Text, ask_rows, checked, text_column
from serving.client.tasks.task import QueryView, Task
from serving.client.transport import Operation


@dataclass(frozen=True)
class MaskedToken:
    """A token that may stand in the place of a mark.

    Attributes:
        token: a SentencePiece piece, such as `▁OK`.
        probability: 0 to 1, among the tokens that may stand there.
    """

    token: str
    probability: float


@dataclass(frozen=True)
class Filling:
    """A text whose marks are filled.

    Attributes:
        text: with the likeliest token in the place of each mark.
        marks: the likeliest tokens for each mark, in order, best first; empty without a mark.
        truncated: whether the text was longer than the model reads; marks after the cut stay.
    """

    text: str
    marks: tuple[tuple[MaskedToken, ...], ...]
    truncated: bool = False


class MaskedLanguageModellingMethods(Methods):
    """Methods for masked language models."""

    @operation()
    def fill(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[Filling]]:
        """The likeliest tokens for each `[MASK]` of each text, and the text with the best of them.

        Args:
            texts: with `[MASK]` for each missing token. Bytes that are not UTF-8 may be sent as bytes.
            timeout: seconds, instead of the client's.
        """
        if not checked(texts):
            return []
        names = ("filled", "tokens", "probabilities")
        outputs = yield from ask_rows(
            self, "serving_default", text_column(texts), timeout, *names, texts=names[:2]
        )
        return [
            Filling(text, _marks(tokens, probabilities), bool(cut))
            for text, tokens, probabilities, cut in zip(*outputs, strict=True)
        ]

    fill_stream = Stream(fill)

    @operation()
    def masked_tokens(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[tuple[tuple[MaskedToken, ...], ...]]]:
        """The likeliest tokens for each `[MASK]` of each text alone, best first."""
        found = yield from MaskedLanguageModellingMethods.fill.part(self, texts, timeout=timeout)
        return [one.marks for one in found]


def _marks(tokens: list[Any], probabilities: list[Any]) -> tuple[tuple[MaskedToken, ...], ...]:
    """The tokens of each mark, without padding, which is empty.

    Raises:
        UnexpectedReplyError: tokens and probabilities differ in number.
    """
    sizes = [[len(each) for each in one] for one in (tokens, probabilities)]
    if sizes[0] != sizes[1]:
        raise UnexpectedReplyError(f"Tokens and probabilities differ in number: {sizes[0]} and {sizes[1]}.")
    marks = (
        tuple(MaskedToken(token, float(p)) for token, p in zip(*each, strict=True) if token)
        for each in zip(tokens, probabilities, strict=True)
    )
    return tuple(filter(None, marks))


def _view() -> QueryView:
    from serving.client.tasks.masked_language_modelling_view import FILLINGS

    return FILLINGS


MASKED_LANGUAGE_MODELLING = Task(
    "masked-language-modelling",
    "a masked language model",
    frozenset({"filled", "tokens", "probabilities"}),
    MaskedLanguageModellingMethods,
    MaskedLanguageModellingMethods.fill,
    _view,
)
