"""What a served model answers, as small typed objects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Translation:
    """One translation.

    Attributes:
        text: the translated text.
        score: the search's length-normalised log-probability; nearer to 0 is better.
    """

    text: str
    score: float


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
class Classification:
    """A class of a text.

    Attributes:
        label: its name; of a model of several labels a text all that are likely, joined by its
            separator, or "".
        probability: 0 to 1, calibrated; of several labels that of the most probable.
    """

    label: str
    probability: float


@dataclass(frozen=True)
class Ranking:
    """How probable each class is for a text.

    Attributes:
        classes: all that the model knows, best first.
        truncated: whether the text was cut at the length that the model was trained for.
    """

    classes: tuple[Classification, ...]
    truncated: bool


@dataclass(frozen=True)
class WeightedSpan:
    """A stretch of a text, and what it adds to the log-odds of the label.

    Attributes:
        text: as it stands in the request, blanks before it included; U+FFFD for bytes that are not UTF-8.
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
        tokens: the pieces that the model read, in the text's order; `words_of` joins them to words.
        truncated: as in Ranking.
    """

    label: str
    probability: float
    tokens: tuple[WeightedSpan, ...]
    truncated: bool


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


@dataclass(frozen=True)
class VersionStatus:
    """One version of a served model.

    Attributes:
        version: its number.
        state: `START`, `LOADING`, `AVAILABLE`, `UNLOADING` or `END`.
        error: why it is not available, or "".
    """

    version: int
    state: str
    error: str = ""
