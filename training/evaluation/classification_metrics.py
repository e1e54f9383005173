"""Classification metrics: accuracy, F1, expected calibration error, confusion matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from seqapp.errors import DataError

_THRESHOLD = 0.5


def classification_scores(
    probabilities: np.ndarray, targets: np.ndarray, names: Sequence[str], exclusive: bool = True
) -> dict[str, Any]:
    """Return accuracy, F1, calibration error and scores per class.

    Classes that are neither expected nor predicted are excluded from the macro averages.

    Args:
        probabilities: float [rows, C].
        targets: multi-hot [rows, C].
        names: class names, in id order.
        exclusive: single-label, the most probable class is predicted; otherwise multi-label, classes with a
            probability of at least 0.5 are predicted.

    Returns:
        ``accuracy`` (multi-label: exact match), ``macro_f1``, ``micro_f1``, ``ece`` (see
        `expected_calibration_error`), ``examples``, ``classes`` (name → precision, recall, f1, examples)
        and, for single-label, ``confusion``: rows are expected classes, columns predicted classes.

    Raises:
        DataError: no rows.
    """
    if not len(targets):
        raise DataError("expected at least one row to score, got none")
    if exclusive:
        expected, predicted = targets.argmax(axis=1), probabilities.argmax(axis=1)
        confidence, correct = probabilities.max(axis=1), expected == predicted
        indices: Any = sorted({*expected.tolist(), *predicted.tolist()})
    else:
        expected, predicted = targets > 0, probabilities >= _THRESHOLD
        confidence, correct = probabilities.ravel(), expected.ravel()
        indices = np.flatnonzero((expected | predicted).any(axis=0)).tolist() or [0]
    options: dict[str, Any] = {"labels": indices, "zero_division": 0.0}
    rows = zip(*precision_recall_fscore_support(expected, predicted, average=None, **options), strict=True)
    scores = {
        "accuracy": accuracy_score(expected, predicted),
        "macro_f1": f1_score(expected, predicted, average="macro", **options),
        "micro_f1": f1_score(expected, predicted, average="micro", **options),
        "ece": expected_calibration_error(confidence, correct),
    }
    result: dict[str, Any] = {name: round(float(value), 4) for name, value in scores.items()}
    result["examples"] = len(targets)
    result["classes"] = {
        names[index]: {
            "precision": round(float(precision), 4),
            "recall": round(float(recall), 4),
            "f1": round(float(f1), 4),
            "examples": int(count),
        }
        for index, (precision, recall, f1, count) in zip(indices, rows, strict=True)
    }
    if exclusive:
        result["confusion"] = confusion_matrix(expected, predicted, labels=range(len(names))).tolist()
    return result


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error: bin-weighted mean of |confidence − accuracy|, in [0, 1].

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.

    Args:
        confidence: float [N] in [0, 1].
        correct: bool [N].
        bins: number of bins of equal width.
    """
    index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(index, weights=correct.astype(float) - confidence.astype(float), minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
