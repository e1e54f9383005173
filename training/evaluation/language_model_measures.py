"""Bits per byte, perplexity and unknown words of language models, with sufficient statistics per text."""

import math
from typing import NamedTuple

import numpy as np

from training.evaluation.measured_scores import measured_scores
from training.evaluation.measures import CountScore, Measure, RowStatistics

_DIGITS = {"bits_per_byte": 4, "perplexity": 2, "unknown_words": 4}


class WordCounts(NamedTuple):
    """Words of texts where tokens are whole words.

    Fields:
        words: int [texts], number of words.
        unknown: int [texts], how many of them the vocabulary lacks.
    """

    words: np.ndarray
    unknown: np.ndarray


def language_model_measures(
    log_probabilities: np.ndarray, tokens: np.ndarray, sizes: np.ndarray, words: WordCounts | None = None
) -> dict[str, Measure]:
    """Return ``bits_per_byte`` and ``perplexity`` (per token) of texts; lower values are better.

    Args:
        log_probabilities: float [texts], natural.
        tokens: int [texts], tokens with EOS.
        sizes: int [texts], UTF-8 bytes.
        words: adds ``unknown_words``, the share of unknown ones; None for other tokens.
    """

    def bits_per_byte(sums: np.ndarray) -> np.ndarray:
        return -sums[..., 0] / math.log(2) / np.maximum(sums[..., 1], 1)

    def perplexity(sums: np.ndarray) -> np.ndarray:
        return np.exp(-sums[..., 0] / np.maximum(sums[..., 1], 1))

    def share(sums: np.ndarray) -> np.ndarray:
        return sums[..., 0] / np.maximum(sums[..., 1], 1)

    columns = [
        ("bits_per_byte", log_probabilities, sizes, bits_per_byte),
        ("perplexity", log_probabilities, tokens, perplexity),
    ]
    if words is not None:
        columns.append(("unknown_words", words.unknown, words.words, share))
    return {
        name: CountScore(RowStatistics(np.stack([values, counts], axis=1), score))
        for name, values, counts, score in columns
    }


def language_model_scores(
    log_probabilities: np.ndarray,
    tokens: np.ndarray,
    sizes: np.ndarray,
    words: WordCounts | None = None,
    resamples: int = 0,
) -> dict[str, float]:
    """Return the measures, rounded, with confidence intervals where there are resamples, and the counts.

    Args: same as `language_model_measures`; resamples: number of resamples for intervals, 0 for none.
    """
    measures = language_model_measures(log_probabilities, tokens, sizes, words)
    return {
        **measured_scores(measures, _DIGITS, resamples),
        "texts": len(tokens),
        "tokens": int(tokens.sum()),
        "bytes": int(sizes.sum()),
    }
