"""Bits per byte and perplexity of language models, with sufficient statistics per text."""

import math

import numpy as np

from training.evaluation.measured_scores import measured_scores
from training.evaluation.measures import CountScore, Measure, RowStatistics

_DIGITS = {"bits_per_byte": 4, "perplexity": 2}


def language_model_measures(
    log_probabilities: np.ndarray, tokens: np.ndarray, sizes: np.ndarray
) -> dict[str, Measure]:
    """Return ``bits_per_byte`` and ``perplexity`` (per token) of texts; lower values are better.

    Args:
        log_probabilities: float [texts], natural.
        tokens: int [texts], tokens with EOS.
        sizes: int [texts], UTF-8 bytes.
    """

    def bits_per_byte(sums: np.ndarray) -> np.ndarray:
        return -sums[..., 0] / math.log(2) / np.maximum(sums[..., 1], 1)

    def perplexity(sums: np.ndarray) -> np.ndarray:
        return np.exp(-sums[..., 0] / np.maximum(sums[..., 1], 1))

    return {
        name: CountScore(RowStatistics(np.stack([log_probabilities, counts], axis=1), score))
        for name, counts, score in (
            ("bits_per_byte", sizes, bits_per_byte),
            ("perplexity", tokens, perplexity),
        )
    }


def language_model_scores(
    log_probabilities: np.ndarray, tokens: np.ndarray, sizes: np.ndarray, resamples: int = 0
) -> dict[str, float]:
    """Return the measures, rounded, with confidence intervals where there are resamples, and the counts.

    Args: same as `language_model_measures`; resamples: number of resamples for intervals, 0 for none.
    """
    measures = language_model_measures(log_probabilities, tokens, sizes)
    return {
        **measured_scores(measures, _DIGITS, resamples),
        "texts": len(tokens),
        "tokens": int(tokens.sum()),
        "bytes": int(sizes.sum()),
    }
