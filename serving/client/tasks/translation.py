"""Translation: results, options and methods of translators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seqapp.search_options import check_search_options
from serving.client.errors import UnexpectedReplyError
from serving.client.fitted_request import ask_fitted
from serving.client.methods import Methods, Stream, operation
from serving.client.operations import RetryPolicy, Text, ask, ask_rows, checked, text_column
from serving.client.tasks.task import QueryView, Task
from serving.client.transport import Call, Columns, InputTensor, Operation


@dataclass(frozen=True)
class Translation:
    """One translation.

    Attributes:
        text: the translated text.
        score: length-normalised log-probability of the search, plus the coverage penalty; closer to 0 is
            better.
        truncated: whether the text was longer than the model reads, and was cut.
        confidence: calibrated probability that the translation is usable, of the best translation of a text;
            None for other alternatives, and from an export without a fitted confidence.
    """

    text: str
    score: float
    truncated: bool = False
    confidence: float | None = None


@dataclass(frozen=True)
class Explanation:
    """One translation with its tokens and attention.

    Attributes:
        text: the translated text.
        score: as in Translation.
        source_tokens: tokens of the source, without padding.
        target_tokens: generated tokens, without padding.
        alignment: a row of attention weights for each target token, a weight for each source token.
        truncated: whether the text was cut at the length that the model was trained for.
        confidence: as in Translation.
    """

    text: str
    score: float
    source_tokens: tuple[str, ...]
    target_tokens: tuple[str, ...]
    alignment: tuple[tuple[float, ...], ...]
    truncated: bool
    confidence: float | None = None


@dataclass(frozen=True)
class Score:
    """Probability of a given translation.

    Attributes:
        log_probability: natural logarithm, summed over the tokens, without length penalty.
        normalised_score: log-probability divided by the length penalty, as `Translation.score`.
        tokens: tokens of the translation, without padding.
        token_log_probabilities: one per token.
    """

    log_probability: float
    normalised_score: float
    tokens: tuple[str, ...]
    token_log_probabilities: tuple[float, ...]


@dataclass(frozen=True)
class SearchOptions:
    """Options of the translation of one text; each default changes nothing.

    Attributes:
        length_penalty: 0 to 5, larger values favour longer translations; below 0 for the model's own.
        max_length: maximum length of a translated sentence in tokens, end included; 0 for the model's own.
        min_length: minimum length of a translated sentence in tokens, end included.
        temperature: 0 for beam search, above 0 for one sample at that temperature.
        seed: random seed for sampling.
        coverage_penalty: 0 to 5, for beam search; larger values favour translations that attend to the whole
            source; 0 for none.
        no_repeat_ngram: n of the token n-grams that occur at most once in a translated sentence, up to 8; 0
            for none.
        prefix: text that the translation begins with; empty or whitespace-only for none.
        top_k: number of most probable tokens to sample from; 0 for all.
        top_p: share of probability of the most probable tokens to sample from; 1 for all.

    Raises:
        ConfigError: a value is out of its range, or has no effect at the temperature.
    """

    length_penalty: float = -1.0
    max_length: int = 0
    min_length: int = 0
    temperature: float = 0.0
    seed: int = 0
    coverage_penalty: float = 0.0
    no_repeat_ngram: int = 0
    prefix: Text = ""
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        values: dict[str, Any] = dict(vars(self))
        if isinstance(self.length_penalty, int | float) and self.length_penalty < 0:
            values["length_penalty"] = None
        if self.max_length == 0:
            values["max_length"] = None
        check_search_options(prefixes=[values.pop("prefix")], **values)


Options = SearchOptions | Sequence[SearchOptions] | None

_OPTION_TYPES = {
    "length_penalty": "float32",
    "max_length": "int32",
    "min_length": "int32",
    "temperature": "float32",
    "seed": "int64",
    "coverage_penalty": "float32",
    "no_repeat_ngram": "int32",
    "prefix": "string",
    "top_k": "int32",
    "top_p": "float32",
}
# Exports of earlier versions lack these.
_LATER = ("coverage_penalty", "no_repeat_ngram", "prefix", "top_k", "top_p")
_NEUTRAL = {name: getattr(SearchOptions(), name) for name in _OPTION_TYPES}
_OPTIONAL = ("confidence",)  # of exports with a fitted confidence
_LEAST_SCORE = -1e8  # fillers of short n-best lists score below this


class TranslationMethods(Methods):
    """Methods for translators."""

    @operation()
    def translate(
        self, texts: Sequence[Text], *, options: Options = None, timeout: float | None = None
    ) -> Operation[list[Translation]]:
        """One translation per text, in order. Bytes that are not UTF-8 may be sent as bytes.

        Args:
            texts: texts to translate.
            options: options for all texts, or a list with the options of each text. An export of an earlier
                version, which lacks some of them, is sent the others.
            timeout: seconds, instead of the client's.

        Raises:
            RequestRefusedError: an option is set that the served export lacks.
        """
        if not checked(texts):
            return []
        signature, inputs, send = "serving_default", text_column(texts), ask
        if options is not None:
            signature, inputs = "translate_with_options", inputs | _option_columns(options, len(texts))
            send = _ask_with_options
        names = ("translation", "score")
        outputs = yield from ask_rows(
            self, signature, inputs, timeout, *names, texts=names[:1], optional=_OPTIONAL, send=send
        )
        return [
            Translation(text, float(score), bool(cut), _confidence(confidence))
            for text, score, cut, confidence in zip(*outputs, strict=True)
        ]

    translate_stream = Stream(translate)

    @operation("alternatives")
    def alternatives(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[list[Translation]]]:
        """The n best translations per text, best first."""
        if not checked(texts):
            return []
        names = ("translations", "scores")
        inputs = text_column(texts)
        outputs = yield from ask_rows(
            self, "alternatives", inputs, timeout, *names, texts=names[:1], optional=_OPTIONAL
        )
        return [_alternatives(*row) for row in zip(*outputs, strict=True)]

    @operation("explain")
    def explain(self, texts: Sequence[Text], *, timeout: float | None = None) -> Operation[list[Explanation]]:
        """One translation per text, with tokens and attention."""
        if not checked(texts):
            return []
        names = ("translation", "score", "source_tokens", "target_tokens", "alignment")
        texts_of = ("translation", "source_tokens", "target_tokens")
        outputs = yield from ask_rows(
            self, "explain", text_column(texts), timeout, *names, texts=texts_of, optional=_OPTIONAL
        )
        return [_explanation(*row) for row in zip(*outputs, strict=True)]

    @operation("score")
    def score(
        self, texts: Sequence[Text], translations: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[Score]]:
        """The probability of each translation, given its text."""
        if len(checked(texts)) != len(checked(translations)):
            raise ValueError(
                f"translations must be as many as texts; got {len(translations)} for {len(texts)} texts"
            )
        if not texts:
            return []
        inputs = text_column(texts) | {"translation": InputTensor("string", list(translations))}
        names = ("log_probability", "normalised_score", "tokens", "token_log_probabilities")
        outputs = yield from ask_rows(
            self, "score", inputs, timeout, *names, texts=["tokens"], truncated=False
        )
        return [_score(*row) for row in zip(*outputs, strict=True)]


def _option_columns(options: SearchOptions | Sequence[SearchOptions], rows: int) -> dict[str, InputTensor]:
    each = [options] * rows if isinstance(options, SearchOptions) else list(options)
    if len(each) != rows:
        raise ValueError(f"options must be one, or one for each text; got {len(each)} for {rows} texts")
    return {
        name: InputTensor(dtype, [getattr(one, name) for one in each])
        for name, dtype in _OPTION_TYPES.items()
    }


def _ask_with_options(call: Call, retries: RetryPolicy) -> Operation[Columns]:
    later = any(value != _NEUTRAL[name] for name in _LATER for value in call.inputs[name].values)
    return ask_fitted(call, retries, _NEUTRAL, check=later)


def _confidence(value: Any) -> float | None:
    return None if value is None else float(value)


def _alternatives(texts: list[str], scores: list[float], cut: bool, confidence: Any) -> list[Translation]:
    found = [
        Translation(text, float(score), bool(cut))
        for text, score in zip(texts, scores, strict=True)
        if score > _LEAST_SCORE
    ]
    return [replace(one, confidence=_confidence(confidence)) for one in found[:1]] + found[1:]


def _explanation(
    text: str,
    score: float,
    source: list[str],
    target: list[str],
    weights: list[list[float]],
    cut: bool,
    confidence: Any,
) -> Explanation:
    read, written = _unpadded(source), _unpadded(target)
    alignment = tuple(tuple(map(float, row[: len(read)])) for row in weights[: len(written)])
    if len(alignment) != len(written) or any(len(row) != len(read) for row in alignment):
        raise UnexpectedReplyError(
            f"The alignment does not have a weight for each of {len(written)} x {len(read)} pairs of tokens."
        )
    return Explanation(text, float(score), read, written, alignment, bool(cut), _confidence(confidence))


def _score(total: float, normalised: float, tokens: list[str], each: list[float]) -> Score:
    pieces = _unpadded(tokens)
    return Score(float(total), float(normalised), pieces, tuple(map(float, each[: len(pieces)])))


def _unpadded(tokens: list[str]) -> tuple[str, ...]:
    count = len(tokens)
    while count and not tokens[count - 1]:
        count -= 1
    return tuple(tokens[:count])


def _view() -> QueryView:
    from serving.client.tasks.translation_view import TRANSLATIONS

    return TRANSLATIONS


TRANSLATION = Task(
    "translation",
    "a translator",
    frozenset({"translation", "score"}),
    TranslationMethods,
    TranslationMethods.translate,
    _view,
)
