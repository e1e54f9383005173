"""Bits per byte and accuracy of masked language models, with sufficient statistics per text."""

import math

import numpy as np

from training.evaluation.measured_scores import measured_scores
from training.evaluation.measures import CountScore, Measure, RowStatistics

_DIGITS = {"masked_bits_per_byte": 4, "masked_accuracy": 4}


def masked_measures(
    log_probabilities: np.ndarray, correct: np.ndarray, tokens: np.ndarray, sizes: np.ndarray
) -> dict[str, Measure]:
    """Return ``masked_bits_per_byte`` and ``masked_accuracy`` of texts whose words were masked once each.

    The bits have the words on both sides as their context: fewer than those of a model of the next token, and
    not comparable with them.

    Args:
        log_probabilities: float [texts], natural, summed over the masked tokens.
        correct: int [texts], masked tokens that the model holds for the likeliest.
        tokens: int [texts], masked tokens.
        sizes: int [texts], UTF-8 bytes.
    """

    def bits_per_byte(sums: np.ndarray) -> np.ndarray:
        return -sums[..., 0] / math.log(2) / np.maximum(sums[..., 1], 1)

    def accuracy(sums: np.ndarray) -> np.ndarray:
        return sums[..., 0] / np.maximum(sums[..., 1], 1)

    return {
        "masked_bits_per_byte": CountScore(
            RowStatistics(np.stack([log_probabilities, sizes], axis=1), bits_per_byte)
        ),
        "masked_accuracy": CountScore(RowStatistics(np.stack([correct, tokens], axis=1), accuracy)),
    }


def masked_scores(
    log_probabilities: np.ndarray,
    correct: np.ndarray,
    tokens: np.ndarray,
    sizes: np.ndarray,
    resamples: int = 0,
) -> dict[str, float]:
    """Return the measures, rounded, with confidence intervals where there are resamples, and the counts.

    Args: same as `masked_measures`; resamples: number of resamples for intervals, 0 for none.
    """
    measures = masked_measures(log_probabilities, correct, tokens, sizes)
    return {
        **measured_scores(measures, _DIGITS, resamples),
        "texts": len(tokens),
        "tokens": int(tokens.sum()),
        "bytes": int(sizes.sum()),
    }
