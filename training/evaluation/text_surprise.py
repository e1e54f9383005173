"""Surprise of the tokens of one text under a language model."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import tensorflow as tf

from seqapp.errors import DataError
from seqapp.text.token_surprise import TokenSurprise, token_surprise

if TYPE_CHECKING:
    from seqapp.tasks.language_modelling import LanguageModellingTask

_TEXT_END = b"</s>"
_UNKNOWN = b"<unk>"
_SPACE_MARK = "▁"


class TextSurprise(NamedTuple):
    """Surprise of a text.

    Fields:
        tokens: as they are read, without spaces at their ends; `▁` is a space, `…` a character that the text
            was cut inside of, `</s>` the end of the text. Tokens of one character are one.
        bits: -log2 of the probability of each token, given those before it.
        bits_per_byte: of the text, its end included unless it was cut.
        truncated: whether the text was longer than the model reads, and was cut.
        unknown_words: number of tokens that are unknown words, whose bits are those of UNK; 0 unless tokens
            are whole words.
    """

    tokens: list[str]
    bits: list[float]
    bits_per_byte: float
    truncated: bool
    unknown_words: int

    @property
    def perplexity(self) -> float:
        """Per token, the end of the text included unless it was cut."""
        return 2.0 ** (sum(self.bits) / len(self.bits))


def text_surprise(task: LanguageModellingTask, text: bytes) -> TextSurprise:
    """Score a text, any bytes.

    Raises:
        DataError: the text has no token.
    """
    outputs = {name: column.numpy()[0] for name, column in task.score(tf.constant([text])).items()}
    columns = (outputs[name].tolist() for name in ("tokens", "begin", "end", "token_log_probabilities"))
    rows = list(zip(*columns, strict=True))
    ends = [row for row in rows if row[0] == _TEXT_END]
    found = token_surprise(text, [row[1:] for row in rows if row[0] != _TEXT_END])
    if not found:
        raise DataError("TEXT: expected at least one visible character, got an empty or whitespace-only text")
    return TextSurprise(
        [_shown(text, one) for one in found] + [_TEXT_END.decode() for _ in ends],
        [one.bits for one in found + token_surprise(b"", [(0, 0, row[3]) for row in ends])],
        float(outputs["bits_per_byte"]),
        bool(outputs["truncated"]),
        sum(row[0] == _UNKNOWN for row in rows) if task.subwords.is_closed else 0,
    )


def _shown(text: bytes, token: TokenSurprise) -> str:
    if token.begin == token.end:
        return "…"
    letters = text[token.begin : token.end].decode("utf-8", "replace")
    # Fonts have Hangul syllables, and not always the letters that they are composed of.
    return unicodedata.normalize("NFC", " ".join(letters.split())) or _SPACE_MARK
