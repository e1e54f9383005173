"""Probabilities of many texts."""

import math
from typing import NamedTuple

import numpy as np


class TextScores(NamedTuple):
    """Probabilities of texts.

    Fields:
        log_probabilities: float64 [texts], natural, summed over the tokens and EOS.
        tokens: int64 [texts], number of tokens, EOS included.
        bytes: int64 [texts], UTF-8 bytes that were read.
        words: int64 [texts], number of tokens, EOS excluded.
        unknown: int64 [texts], how many of these are UNK; only where tokens are whole words.
    """

    log_probabilities: np.ndarray
    tokens: np.ndarray
    bytes: np.ndarray
    words: np.ndarray
    unknown: np.ndarray

    @property
    def bits_per_byte(self) -> float:
        """Of all texts together: the fewer, the better; a lower bound where tokens are unknown."""
        return float(-self.log_probabilities.sum() / math.log(2) / max(1, self.bytes.sum()))

    @property
    def perplexity(self) -> float:
        """Of all texts together, per token."""
        return float(np.exp(-self.log_probabilities.sum() / max(1, self.tokens.sum())))
