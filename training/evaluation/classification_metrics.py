"""Metrics of classified texts: accuracy, F1, calibration error, confusion."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from seqapp.errors import DataError

_LIKELY = 0.5


def classification_scores(
    probabilities: np.ndarray, targets: np.ndarray, names: Sequence[str], exclusive: bool = True
) -> dict[str, Any]:
    """Accuracy, F1, calibration and a table over the classes.

    A class that neither stands in the text nor is ever answered is left out of the macro-averages.

    Args:
        probabilities: float [rows, C].
        targets: [rows, C], 1 at the classes of each row.
        names: of the classes.
        exclusive: one class a row, the most probable one is the answer; otherwise every class of
            probability 0.5 and more is.

    Returns:
        ``accuracy`` (several labels: all of a row right), ``macro_f1``, ``micro_f1``, ``ece`` (see
        `expected_calibration_error`), ``examples``, ``classes`` (name → precision, recall, f1, examples)
        and, with one label a row, ``confusion``: rows are the right classes, columns the answers.

    Raises:
        DataError: nothing to score.
    """
    if not len(targets):
        raise DataError("targets: expected at least one row to score, got none")
    if exclusive:
        right, found = targets.argmax(axis=1), probabilities.argmax(axis=1)
        confidence, hit = probabilities.max(axis=1), right == found
        places: Any = sorted({*right.tolist(), *found.tolist()})
    else:
        right, found = targets > 0, probabilities >= _LIKELY
        confidence, hit = probabilities.ravel(), right.ravel()
        places = np.flatnonzero((right | found).any(axis=0)).tolist() or [0]
    options: dict[str, Any] = {"labels": places, "zero_division": 0.0}
    rows = zip(*precision_recall_fscore_support(right, found, average=None, **options), strict=True)
    scores = {
        "accuracy": accuracy_score(right, found),
        "macro_f1": f1_score(right, found, average="macro", **options),
        "micro_f1": f1_score(right, found, average="micro", **options),
        "ece": expected_calibration_error(confidence, hit),
    }
    result: dict[str, Any] = {name: round(float(value), 4) for name, value in scores.items()}
    result["examples"] = len(targets)
    result["classes"] = {
        names[place]: {
            "precision": round(float(precision), 4),
            "recall": round(float(recall), 4),
            "f1": round(float(f1), 4),
            "examples": int(count),
        }
        for place, (precision, recall, f1, count) in zip(places, rows, strict=True)
    }
    if exclusive:
        result["confusion"] = confusion_matrix(right, found, labels=range(len(names))).tolist()
    return result


def expected_calibration_error(confidence: np.ndarray, hit: np.ndarray, bins: int = 15) -> float:
    """How far stated probabilities are from how often they hold, in [0, 1].

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.

    Args:
        confidence: float [N] in [0, 1].
        hit: bool [N].
        bins: of equal width.
    """
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(place, weights=hit.astype(float) - confidence.astype(float), minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))
