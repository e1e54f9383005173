"""Tokens joined to the words that a person sees."""

from __future__ import annotations

from collections.abc import Iterable

from serving.client.tasks.classification import WeightedSpan
from serving.client.transport import text_bytes


def merge_tokens_into_words(text: str | bytes, tokens: Iterable[WeightedSpan]) -> list[WeightedSpan]:
    """Adjacent tokens from blank to blank as one word, its weight the sum of theirs.

    Args:
        text: the request's.
        tokens: in order; a blank belongs to the token that it stands before.

    Returns:
        Words without the spaces around them. Whitespace-only tokens count for the next word, the
        last ones for the last; a whitespace-only text has no words.
    """
    data = text_bytes(text)
    words: list[WeightedSpan] = []
    # What is read and not yet a word: its first byte and its weight.
    begin, end, weight = 0, 0, 0.0
    for token in tokens:
        if _starts_a_word(data[begin:end], data[end : token.end]):
            words.append(_word(data, begin, end, weight))
            begin, weight = end, 0.0
        end = token.end
        weight += token.weight
    rest = _word(data, begin, end, weight)
    if rest.text:
        words.append(rest)
    elif words:
        last = words[-1]
        words[-1] = WeightedSpan(last.text, last.begin, last.end, last.weight + weight)
    return words


def _starts_a_word(before: bytes, after: bytes) -> bool:
    left, right = _decoded(before), _decoded(after)
    return bool(left.strip()) and (left[-1].isspace() or right[:1].isspace())


def _word(data: bytes, begin: int, end: int, weight: float) -> WeightedSpan:
    text = _decoded(data[begin:end])
    # Blanks are well-formed, so that they have as many bytes in the text as here.
    begin += len(text_bytes(text[: len(text) - len(text.lstrip())]))
    end -= len(text_bytes(text[len(text.rstrip()) :]))
    return WeightedSpan(text.strip(), begin, max(begin, end), weight)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
