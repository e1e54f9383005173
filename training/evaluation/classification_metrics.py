"""Classification metrics: accuracy, F1, expected calibration error, confusion matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from seqapp.errors import DataError
from training.evaluation.f1_scores import f1_scores
from training.evaluation.measured_scores import measured_scores
from training.evaluation.measures import Measure, Share

THRESHOLD = 0.5  # of multi-label predictions
_DIGITS = 4


def classification_scores(
    probabilities: np.ndarray,
    targets: np.ndarray,
    names: Sequence[str],
    exclusive: bool = True,
    resamples: int = 0,
) -> dict[str, Any]:
    """Return accuracy, F1, calibration error and scores per class.

    Classes that are neither expected nor predicted are excluded from the macro averages.

    Args:
        probabilities: float [rows, C].
        targets: multi-hot [rows, C].
        names: class names, in id order.
        exclusive: single-label, the most probable class is predicted; otherwise multi-label, classes with a
            probability of at least 0.5 are predicted.
        resamples: number of resamples for confidence intervals, see `measured_scores`; 0 for no intervals.

    Returns:
        ``accuracy`` (multi-label: exact match), ``macro_f1``, ``micro_f1``, with `resamples` their
        ``…_interval``, ``ece`` (see `expected_calibration_error`), ``examples``, ``classes`` (name →
        precision, recall, f1, examples) and, for single-label, ``confusion``: rows are expected classes,
        columns predicted classes.

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
        expected, predicted = targets > 0, probabilities >= THRESHOLD
        confidence, correct = probabilities.ravel(), expected.ravel()
        indices = np.flatnonzero((expected | predicted).any(axis=0)).tolist() or [0]
    options: dict[str, Any] = {"labels": indices, "zero_division": 0.0}
    rows = zip(*precision_recall_fscore_support(expected, predicted, average=None, **options), strict=True)
    hot = [_multi_hot(classes, len(names)) for classes in (expected, predicted)]
    measures = classification_measures(hot[0], hot[1], exclusive)
    result: dict[str, Any] = measured_scores(measures, dict.fromkeys(measures, _DIGITS), resamples)
    result["ece"] = round(expected_calibration_error(confidence, correct), _DIGITS)
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


def classification_measures(
    expected: csr_matrix, predicted: csr_matrix, exclusive: bool
) -> dict[str, Measure]:
    """Return ``accuracy``, ``macro_f1`` and ``micro_f1``, to be compared.

    Args:
        expected, predicted: bool [rows, C]; a row is correct if all its classes are.
        exclusive: single-label; micro-F1 is then the accuracy.
    """
    accuracy = Share(np.asarray((expected != predicted).sum(axis=1)).ravel() == 0)
    f1 = f1_scores(expected, predicted)
    if exclusive:
        return {"accuracy": accuracy, "macro_f1": f1["macro_f1"], "micro_f1": accuracy}
    return {"accuracy": accuracy, **f1}


def _multi_hot(classes: np.ndarray, count: int) -> csr_matrix:
    """Return bool [rows, C] for class ids int [rows], or for a dense array of that form."""
    if classes.ndim == 2:
        return csr_matrix(classes)
    rows = np.arange(len(classes))
    return csr_matrix((np.ones(len(rows), bool), (rows, classes)), shape=(len(rows), count))


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
