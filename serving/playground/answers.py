"""Results of the client as JSON for the page: texts and parts of texts, no byte offsets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from seqapp.text.token_surprise import token_surprise
from serving.client.merge_tokens import merge_tokens_into_words
from serving.client.tasks.classification import Ranking, Reasons
from serving.client.tasks.language_modelling import Completion, TextScore, join_completion
from serving.client.tasks.masked_language_modelling import Filling
from serving.client.tasks.translation import Explanation
from serving.client.transport import text_bytes

_END = "</s>"
_DIGITS = 4  # of weights, which are many


def explanation_json(found: Explanation) -> dict[str, Any]:
    """A translation with the alignment of each sentence: source tokens, target tokens, weights [T][S]."""
    return {
        "translation": found.text,
        "score": found.score,
        "confidence": found.confidence,
        "truncated": found.truncated,
        "sentences": sentence_alignments(found),
    }


def sentence_alignments(found: Explanation) -> list[dict[str, Any]]:
    """The alignment in blocks, one per sentence, since no sentence attends to another.

    Each block ends after `</s>` on both sides. Where the sides differ in number there is one block.
    """
    rows, columns = _sentences(found.target_tokens), _sentences(found.source_tokens)
    if len(rows) != len(columns):
        rows, columns = [range(len(found.target_tokens))], [range(len(found.source_tokens))]
    return [
        {
            "source": [found.source_tokens[column] for column in across],
            "target": [found.target_tokens[row] for row in down],
            "weights": [[round(found.alignment[row][column], _DIGITS) for column in across] for row in down],
        }
        for down, across in zip(rows, columns, strict=True)
    ]


def classes_json(found: Ranking) -> dict[str, Any]:
    """All labels with their probabilities, best first."""
    classes = [{"label": one.label, "probability": one.probability} for one in found.classes]
    return {"classes": classes, "truncated": found.truncated}


def reasons_json(text: str, found: Reasons) -> dict[str, Any]:
    """A label, and the text in parts: each word with its contribution, what lies between with null."""
    words = merge_tokens_into_words(text, found.tokens)
    parts = _parts(text_bytes(text), ((one.begin, one.end, one.weight) for one in words), "weight")
    return {
        "label": found.label,
        "probability": found.probability,
        "typicality": found.typicality,
        "truncated": found.truncated,
        "parts": parts,
    }


def completion_json(prompt: str, found: Completion, score: TextScore | None = None) -> dict[str, Any]:
    """A completion, with the score of prompt and completion in parts: each token with its bits.

    Where the score does not reach, the part has null bits.
    """
    answer = {
        "completion": found.text,
        "log_probability": found.log_probability,
        "truncated": found.truncated,
        "bits_per_byte": score.bits_per_byte if score else None,
    }
    data = join_completion(prompt, found.text)
    begin = len(data) - len(text_bytes(found.text))
    scored = score.tokens if score else ()
    tokens = [(one.begin, one.end, one.log_probability) for one in scored if one.token != _END]
    surprise = [(max(one.begin, begin), one.end, one.bits) for one in token_surprise(data, tokens)]
    shown = [one for one in surprise if one[1] > one[0]]
    return {**answer, "parts": _parts(data, shown, "bits", begin)}


def filling_json(found: Filling) -> dict[str, Any]:
    """The filled text, and for each mark its likeliest tokens, best first."""
    marks = [[{"token": one.token, "probability": one.probability} for one in mark] for mark in found.marks]
    return {"filled": found.text, "marks": marks, "truncated": found.truncated}


def _sentences(tokens: Sequence[str]) -> list[range]:
    ends = [place + 1 for place, token in enumerate(tokens) if token == _END]
    if not ends or ends[-1] != len(tokens):
        ends.append(len(tokens))
    return [range(begin, end) for begin, end in pairwise([0, *ends])]


def _parts(
    data: bytes, spans: Iterable[tuple[int, int, float]], name: str, last: int = 0
) -> list[dict[str, Any]]:
    """The text from byte `last` on, each span with its value, and null for what lies between."""
    parts: list[dict[str, Any]] = []
    for begin, end, value in spans:
        if begin > last:
            parts.append({"text": _decoded(data[last:begin]), name: None})
        parts.append({"text": _decoded(data[begin:end]), name: value})
        last = end
    if last < len(data):
        parts.append({"text": _decoded(data[last:]), name: None})
    return parts


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
