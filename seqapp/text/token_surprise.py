"""Surprise of the tokens of a text, in bits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class TokenSurprise(NamedTuple):
    """Surprise of a token, or of all tokens of one character.

    Fields:
        begin: first byte in the text's UTF-8.
        end: byte after the last; `begin` where the text was cut inside the character.
        bits: -log2 of the probability given the tokens before; summed if there are several tokens.
    """

    begin: int
    end: int
    bits: float


def token_surprise(data: bytes, tokens: Iterable[tuple[int, int, float]]) -> list[TokenSurprise]:
    """Return the surprise of tokens, joined until they end at the end of a character.

    Args:
        data: the text, any bytes.
        tokens: (first byte, byte after the last, natural logarithm of the probability) of each token, in
            order. Of several tokens of one character the last may have all bytes.
    """
    found: list[TokenSurprise] = []
    start, bits = -1, 0.0  # of the tokens that are no whole character yet; -1 for none
    for begin, end, log_probability in tokens:
        if start < 0:
            last = found[-1].end if found else 0
            start = min(max(begin, last), len(data))
        end = min(end, len(data))
        bits -= log_probability / math.log(2)
        if end > start and not _is_inside_character(data, end):
            found.append(TokenSurprise(start, end, bits))
            start, bits = -1, 0.0
    if start >= 0:
        found.append(TokenSurprise(start, start, bits))
    return found


def _is_inside_character(data: bytes, place: int) -> bool:
    return place < len(data) and data[place] & 0b1100_0000 == 0b1000_0000
