"""Classification: what a classifier answers, and what it can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqapp.abstention import Thresholds
from serving.client.errors import UnexpectedReplyError
from serving.client.methods import Methods, Stream, operation
from serving.client.operations import Text, ask_rows, checked, text_column
from serving.client.tasks.abstention import abstaining
from serving.client.tasks.task import QueryView, Task
from serving.client.transport import Operation, text_bytes


@dataclass(frozen=True)
class Classification:
    """A class of a text.

    Attributes:
        label: its name; for a multi-label model all likely labels, joined by its
            separator, or "".
        probability: 0 to 1, calibrated; of several labels that of the most probable.
        truncated: whether the text was longer than the model reads, and was cut; in a Ranking, it says so.
        typicality: share of the validation texts that are at most as typical, low for texts out of domain;
            None from an export without a fitted typicality, and in a Ranking, which has its own.
    """

    label: str
    probability: float
    truncated: bool = False
    typicality: float | None = None


@dataclass(frozen=True)
class Ranking:
    """How probable each class is for a text.

    Attributes:
        classes: all that the model knows, best first.
        truncated: whether the text was cut at the length that the model was trained for.
        typicality: as in Classification.
    """

    classes: tuple[Classification, ...]
    truncated: bool
    typicality: float | None = None


@dataclass(frozen=True)
class WeightedSpan:
    """A stretch of a text, and what it adds to the log-odds of the label.

    Attributes:
        text: as it stands in the request, spaces before it included; U+FFFD for bytes that are not UTF-8.
        begin: its first byte in the request's UTF-8.
        end: the byte after its last.
        weight: natural logarithm; above 0 speaks for the label, below 0 against it.
    """

    text: str
    begin: int
    end: int
    weight: float


@dataclass(frozen=True)
class Reasons:
    """A label and what decided for it.

    Attributes:
        label: as in Classification.
        probability: as in Classification.
        tokens: what the model read, in the text's order; `merge_tokens_into_words` joins them to words.
        truncated: as in Ranking.
        typicality: as in Classification.
    """

    label: str
    probability: float
    tokens: tuple[WeightedSpan, ...]
    truncated: bool
    typicality: float | None = None


_OPTIONAL = ("typicality",)  # of exports with a fitted typicality


class ClassificationMethods(Methods):
    """Methods for classifiers."""

    @operation()
    def classify(
        self,
        texts: Sequence[Text],
        *,
        min_probability: float = 0.0,
        min_typicality: float = 0.0,
        timeout: float | None = None,
    ) -> Operation[list[Classification]]:
        """One label per text, in order; of a model of several labels per text all likely ones, joined.

        Args:
            texts: texts to classify.
            min_probability: probability below which the label is "", 0 to 1.
            min_typicality: typicality below which the label is "", 0 to 1.
            timeout: seconds, instead of the client's.

        Raises:
            ConfigError: a threshold is out of its range.
            RequestRefusedError: `min_typicality` is set, and the served export has no typicality.
        """
        thresholds = Thresholds(min_probability, min_typicality)
        if not checked(texts):
            return []
        names = ("label", "probability")
        outputs = yield from ask_rows(
            self,
            "serving_default",
            text_column(texts),
            timeout,
            *names,
            texts=names[:1],
            optional=_OPTIONAL,
        )
        return [
            abstaining(Classification(label, float(p), bool(cut), _typicality(typicality)), thresholds)
            for label, p, cut, typicality in zip(*outputs, strict=True)
        ]

    classify_stream = Stream(classify)

    @operation("probabilities")
    def probabilities(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[Ranking]]:
        """All classes per text, best first."""
        if not checked(texts):
            return []
        names = ("labels", "probabilities")
        inputs = text_column(texts)
        outputs = yield from ask_rows(
            self, "probabilities", inputs, timeout, *names, texts=names[:1], optional=_OPTIONAL
        )
        return [
            Ranking(tuple(_classes(labels, each)), bool(cut), _typicality(typicality))
            for labels, each, cut, typicality in zip(*outputs, strict=True)
        ]

    @operation("explain")
    def explain_label(
        self, texts: Sequence[Text], *, timeout: float | None = None
    ) -> Operation[list[Reasons]]:
        """One label per text, with what each token adds to its log-odds."""
        if not checked(texts):
            return []
        names = ("label", "probability", "tokens", "begin", "end", "weights")
        texts_of = ("label", "tokens")
        outputs = yield from ask_rows(
            self, "explain", text_column(texts), timeout, *names, texts=texts_of, optional=_OPTIONAL
        )
        return [
            Reasons(label, float(probability), _tokens(text, *columns), bool(cut), _typicality(typicality))
            for text, label, probability, *columns, cut, typicality in zip(texts, *outputs, strict=True)
        ]


def _typicality(value: Any) -> float | None:
    return None if value is None else float(value)


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
        WeightedSpan(token, int(begin), int(end), float(weight))
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


def _view() -> QueryView:
    from serving.client.tasks.classification_view import LABELS

    return LABELS


CLASSIFICATION = Task(
    "classification",
    "a classifier",
    frozenset({"label", "probability"}),
    ClassificationMethods,
    ClassificationMethods.classify,
    _view,
)
