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
