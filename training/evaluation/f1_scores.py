"""Macro- and micro-F1 of predicted classes, as scores with confidence intervals."""

import numpy as np
from scipy.sparse import csr_matrix, hstack

from training.evaluation.measures import CountScore, RowStatistics


def f1_scores(expected: csr_matrix, predicted: csr_matrix) -> dict[str, CountScore]:
    """Return ``macro_f1`` and ``micro_f1``.

    The macro average is over the classes that are expected or predicted in the rows, of a resample too.

    Args:
        expected, predicted: bool or 0/1 [rows, C].
    """
    counts = hstack([expected.multiply(predicted), expected, predicted], format="csr").astype(float)
    scores = {"macro_f1": _macro_f1, "micro_f1": _micro_f1}
    return {name: CountScore(RowStatistics(counts, score)) for name, score in scores.items()}


def _macro_f1(sums: np.ndarray) -> np.ndarray:
    """Args: sums: float [..., 3·C]: true positives, expected and predicted rows of each class."""
    correct, expected, predicted = np.split(sums, 3, axis=-1)
    either = expected + predicted
    f1 = 2 * correct / np.maximum(either, 1)
    return f1.sum(axis=-1) / np.maximum((either > 0).sum(axis=-1), 1)


def _micro_f1(sums: np.ndarray) -> np.ndarray:
    """Args: sums: as in `_macro_f1`."""
    correct, expected, predicted = (part.sum(axis=-1) for part in np.split(sums, 3, axis=-1))
    return 2 * correct / np.maximum(expected + predicted, 1)
