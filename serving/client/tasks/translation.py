"""Translation: what a translator answers, and what it can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serving.client.errors import UnexpectedReplyError
from serving.client.methods import Methods, Stream, operation
from serving.client.operations import Text, ask_rows, checked, text_column
from serving.client.tasks.task import QueryView, Task
from serving.client.transport import InputTensor, Operation


@dataclass(frozen=True)
class Translation:
    """One translation.

    Attributes:
        text: the translated text.
        score: the search's length-normalised log-probability; nearer to 0 is better.
        truncated: whether the text was longer than the model reads, and was cut.
    """

    text: str
    score: float
    truncated: bool = False


@dataclass(frozen=True)
class Explanation:
    """One translation with what the model looked at.

    Attributes:
        text: the translated text.
        score: as in Translation.
        source_tokens: the pieces that the model read, without padding.
        target_tokens: the pieces that it wrote, without padding.
        alignment: a row of attention weights for each target token, a weight for each source token.
        truncated: whether the text was cut at the length that the model was trained for.
    """

    text: str
    score: float
    source_tokens: tuple[str, ...]
    target_tokens: tuple[str, ...]
    alignment: tuple[tuple[float, ...], ...]
    truncated: bool


@dataclass(frozen=True)
class Score:
    """How probable the model finds a translation that it was given.

    Attributes:
        log_probability: natural logarithm, summed over the pieces, before any penalty.
        normalised_score: over the length penalty: what Translation calls its score.
        tokens: the pieces of the translation, without padding.
        token_log_probabilities: one for each piece.
    """

    log_probability: float
    normalised_score: float
    tokens: tuple[str, ...]
    token_log_probabilities: tuple[float, ...]


@dataclass(frozen=True)
class SearchOptions:
    """Wishes for one text; each default changes nothing.

    Attributes:
        length_penalty: 0 to 5, larger favours longer translations; below 0 the model's own.
        max_length: longest translation in pieces; 0 the model's own.
        min_length: shortest translation in pieces.
        temperature: 0 searches, above 0 draws one sample at that temperature.
        seed: of the sample.
    """

    length_penalty: float = -1.0
    max_length: int = 0
    min_length: int = 0
    temperature: float = 0.0
    seed: int = 0


Options = SearchOptions | Sequence[SearchOptions] | None

_OPTION_TYPES = {
    "length_penalty": "float32",
    "max_length": "int32",
    "min_length": "int32",
    "temperature": "float32",
    "seed": "int64",
}
_LEAST_SCORE = -1e8  # fillers of short n-best lists score below this


class TranslationMethods(Methods):
    """Methods for translators."""

    @operation()
    def translate(
        self, texts: Sequence[Text], *, options: Options = None, timeout: float | None = None
    ) -> Operation[list[Translation]]:
        """One translation per text, in order. Bytes that are not UTF-8 may be sent as bytes.

        Args:
            texts: what to translate.
            options: wishes for all texts, or for each its own.
            timeout: seconds, instead of the client's.
        """
        if not checked(texts):
            return []
        signature, inputs = "serving_default", text_column(texts)
        if options is not None:
            signature, inputs = "translate_with_options", inputs | _option_columns(options, len(texts))
        names = ("translation", "score")
        outputs = yield from ask_rows(self, signature, inputs, timeout, *names, texts=names[:1])
        return [Translation(text, float(score), bool(cut)) for text, score, cut in zip(*outputs, strict=True)]

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
        outputs = yield from ask_rows(self, "alternatives", inputs, timeout, *names, texts=names[:1])
        return [
            [Translation(t, float(s), bool(cut)) for t, s in zip(row, each, strict=True) if s > _LEAST_SCORE]
            for row, each, cut in zip(*outputs, strict=True)
        ]

    @operation("explain")
    def explain(self, texts: Sequence[Text], *, timeout: float | None = None) -> Operation[list[Explanation]]:
        """One translation per text, with tokens and attention."""
        if not checked(texts):
            return []
        names = ("translation", "score", "source_tokens", "target_tokens", "alignment")
        texts_of = ("translation", "source_tokens", "target_tokens")
        outputs = yield from ask_rows(self, "explain", text_column(texts), timeout, *names, texts=texts_of)
        return [_explanation(*row) for row in zip(*outputs, strict=True)]

    @operation("score")
    def score(
        self, texts: Sequence[Text], translations: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[Score]]:
        """How probable the model finds each translation of its text."""
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


def _explanation(
    text: str, score: float, source: list[str], target: list[str], weights: list[list[float]], cut: bool
) -> Explanation:
    read, written = _unpadded(source), _unpadded(target)
    alignment = tuple(tuple(map(float, row[: len(read)])) for row in weights[: len(written)])
    if len(alignment) != len(written) or any(len(row) != len(read) for row in alignment):
        raise UnexpectedReplyError(
            f"The alignment does not have a weight for each of {len(written)} x {len(read)} pairs of tokens."
        )
    return Explanation(text, float(score), read, written, alignment, bool(cut))


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
