"""What can be asked of a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from serving.client.errors import UnexpectedReplyError
from serving.client.operations import Retries, Text, ask_rows, checked, text_column
from serving.client.results import Classification, Ranking, Reasons, WeightedSpan
from serving.client.wire import Call, Operation, Target, text_bytes


def classify(
    target: Target, texts: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[Classification]]:
    """One label a text."""
    if not checked(texts):
        return []
    call = Call(target, "serving_default", timeout, text_column(texts))
    labels, probabilities = yield from ask_rows(call, retries, "label", "probability")
    return _classes(labels, probabilities)


def probabilities(
    target: Target, texts: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[Ranking]]:
    """All classes a text, best first."""
    if not checked(texts):
        return []
    call = Call(target, "probabilities", timeout, text_column(texts))
    outputs = yield from ask_rows(call, retries, "labels", "probabilities", "truncated")
    return [
        Ranking(tuple(_classes(labels, row)), bool(cut)) for labels, row, cut in zip(*outputs, strict=True)
    ]


def explain_label(
    target: Target, texts: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[Reasons]]:
    """One label a text, with what each token adds to its log-odds."""
    if not checked(texts):
        return []
    call = Call(target, "explain", timeout, text_column(texts))
    names = ("label", "probability", "tokens", "begin", "end", "weights", "truncated")
    outputs = yield from ask_rows(call, retries, *names)
    return [
        Reasons(label, float(probability), _tokens(text, *columns), bool(cut))
        for text, label, probability, *columns, cut in zip(texts, *outputs, strict=True)
    ]


def _classes(labels: Sequence[str], probabilities: Sequence[float]) -> list[Classification]:
    if len(labels) != len(probabilities):
        raise UnexpectedReplyError(f"{len(labels)} labels came with {len(probabilities)} probabilities.")
    return [Classification(label, float(p)) for label, p in zip(labels, probabilities, strict=True)]


def _tokens(text: Text, *columns: list[Any]) -> tuple[WeightedSpan, ...]:
    """The tokens of a row without its padding, which covers no bytes.

    Raises:
        UnexpectedReplyError: the columns differ in length, or offsets do not go up inside of the text.
    """
    if len({len(column) for column in columns}) != 1:
        raise UnexpectedReplyError(
            f"Tokens, begin, end and weights differ in length: {[len(column) for column in columns]}."
        )
    spans = [
        WeightedSpan(token, begin, end, float(weight))
        for token, begin, end, weight in zip(*columns, strict=True)
        if end > begin
    ]
    size = len(text_bytes(text))
    last = 0
    for span in spans:
        if not last <= span.begin < span.end <= size:
            raise UnexpectedReplyError(
                f"Token {span.text!r} is said to be bytes {span.begin} to {span.end} of a text of {size}"
                f" bytes, after byte {last}."
            )
        last = span.end
    return tuple(spans)
