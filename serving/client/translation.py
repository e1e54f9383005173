"""What can be asked of a translator."""

from __future__ import annotations

from collections.abc import Sequence

from serving.client.operations import Retries, Text, ask_rows, checked, text_column
from serving.client.results import Explanation, Score, SearchOptions, Translation
from serving.client.wire import Call, Column, Operation, Target

Options = SearchOptions | Sequence[SearchOptions] | None

_OPTION_TYPES = {
    "length_penalty": "float32",
    "max_length": "int32",
    "min_length": "int32",
    "temperature": "float32",
    "seed": "int64",
}
_LEAST_SCORE = -1e8  # fillers of short n-best lists score below this


def translate(
    target: Target, texts: Sequence[Text], options: Options, timeout: float, retries: Retries
) -> Operation[list[Translation]]:
    """One translation a text; with options from the signature that takes them."""
    if not checked(texts):
        return []
    if options is None:
        call = Call(target, "serving_default", timeout, text_column(texts))
    else:
        inputs = text_column(texts) | _option_columns(options, len(texts))
        call = Call(target, "translate_with_options", timeout, inputs)
    texts_out, scores = yield from ask_rows(call, retries, "translation", "score")
    return [Translation(text, float(score)) for text, score in zip(texts_out, scores, strict=True)]


def alternatives(
    target: Target, texts: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[list[Translation]]]:
    """The n best translations a text, best first."""
    if not checked(texts):
        return []
    call = Call(target, "alternatives", timeout, text_column(texts))
    rows, scores = yield from ask_rows(call, retries, "translations", "scores")
    return [
        [Translation(t, float(s)) for t, s in zip(row, row_scores, strict=True) if s > _LEAST_SCORE]
        for row, row_scores in zip(rows, scores, strict=True)
    ]


def explain(
    target: Target, texts: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[Explanation]]:
    """One translation a text, with tokens and attention."""
    if not checked(texts):
        return []
    call = Call(target, "explain", timeout, text_column(texts))
    names = ("translation", "score", "source_tokens", "target_tokens", "alignment", "truncated")
    outputs = yield from ask_rows(call, retries, *names)
    return [_explanation(*row) for row in zip(*outputs, strict=True)]


def score(
    target: Target, texts: Sequence[Text], translations: Sequence[Text], timeout: float, retries: Retries
) -> Operation[list[Score]]:
    """How probable each translation is for its text."""
    if len(checked(texts)) != len(checked(translations)):
        raise ValueError(
            f"translations must be as many as texts; got {len(translations)} for {len(texts)} texts"
        )
    if not texts:
        return []
    inputs = text_column(texts) | {"translation": Column("string", list(translations))}
    names = ("log_probability", "normalised_score", "tokens", "token_log_probabilities")
    outputs = yield from ask_rows(Call(target, "score", timeout, inputs), retries, *names)
    return [_score(*row) for row in zip(*outputs, strict=True)]


def _option_columns(options: SearchOptions | Sequence[SearchOptions], rows: int) -> dict[str, Column]:
    each = [options] * rows if isinstance(options, SearchOptions) else list(options)
    if len(each) != rows:
        raise ValueError(f"options must be one, or one for each text; got {len(each)} for {rows} texts")
    return {
        name: Column(dtype, [getattr(one, name) for one in each]) for name, dtype in _OPTION_TYPES.items()
    }


def _explanation(
    text: str, score: float, source: list[str], target: list[str], weights: list[list[float]], cut: bool
) -> Explanation:
    read, written = _unpadded(source), _unpadded(target)
    alignment = tuple(tuple(row[: len(read)]) for row in weights[: len(written)])
    return Explanation(text, float(score), read, written, alignment, bool(cut))


def _score(total: float, normalised: float, tokens: list[str], each: list[float]) -> Score:
    pieces = _unpadded(tokens)
    return Score(float(total), float(normalised), pieces, tuple(each[: len(pieces)]))


def _unpadded(tokens: list[str]) -> tuple[str, ...]:
    count = len(tokens)
    while count and not tokens[count - 1]:
        count -= 1
    return tuple(tokens[:count])
