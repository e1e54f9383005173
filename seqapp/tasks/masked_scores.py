"""Probabilities of the words of many texts, each masked once."""

import math
from typing import NamedTuple

import numpy as np


class MaskedScores(NamedTuple):
    """Probabilities of tokens of masked words.

    Fields:
        log_probabilities: float64 [texts], natural, summed over the tokens.
        correct: int64 [texts], number of tokens that the model holds for the likeliest.
        tokens: int64 [texts], number of tokens.
        bytes: int64 [texts], UTF-8 bytes that were read.
    """

    log_probabilities: np.ndarray
    correct: np.ndarray
    tokens: np.ndarray
    bytes: np.ndarray

    @property
    def bits_per_byte(self) -> float:
        """Of all texts together: the fewer, the better; not comparable with a model of the next token."""
        return float(-self.log_probabilities.sum() / math.log(2) / max(1, self.bytes.sum()))
