"""Scores of a classifier on held-out texts."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from seqapp.tasks.classification import ClassificationTask
from training.data.splits import Pair
from training.evaluation.classification_metrics import classification_scores
from training.evaluation.linear_baseline import LinearBaseline

BASELINE = "linear"
BASELINE_CHOOSES = True  # by validation rows


def score_task(task: ClassificationTask, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Scores of the task's answers for `pairs` (text, label), with the ``seconds`` that they took."""
    began = time.monotonic()
    found = task.probabilities_of_lines([text for text, _ in pairs])
    seconds = time.monotonic() - began
    return {**scores_of(task, found, pairs), "seconds": round(seconds, 2)}


def scores_of(task: ClassificationTask, probabilities: np.ndarray, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Scores of given probabilities [rows, C] for `pairs`, see `classification_scores`."""
    targets = task.labels.targets([label for _, label in pairs])
    return classification_scores(probabilities, targets, task.labels.names, task.model.exclusive)


def score_baseline(
    task: ClassificationTask, training: Sequence[Pair], validation: Sequence[Pair], pairs: Sequence[Pair]
) -> dict[str, Any]:
    """Scores of a linear model over word and character n-grams, trained on the same rows."""
    began = time.monotonic()
    baseline = LinearBaseline(training, task.labels, validation)
    found = baseline.predict([text for text, _ in pairs])
    scores = scores_of(task, found, pairs)
    del scores["ece"]  # it gives no probabilities
    return {"name": "linear", **scores, "seconds": round(time.monotonic() - began, 2)}


def score_line(scores: dict[str, Any]) -> str:
    """The scores in words, for a person."""
    parts = [f"accuracy {scores['accuracy']:.2%}", f"macro-F1 {scores['macro_f1']:.4f}"]
    if "ece" in scores:
        parts.append(f"calibration error {scores['ece']:.4f}")
    return "  ".join([*parts, f"({scores['examples']:,} texts)"])


def samples(task: ClassificationTask, pairs: Sequence[Pair]) -> list[str]:
    """Some texts with the answers and their labels, to print."""
    found = task.probabilities_of_lines([text for text, _ in pairs])
    return [
        f"  {text}\n  → {task.labels.names[row.argmax()]}  {row.max():.2f}\n  (labelled: {label})"
        for (text, label), row in zip(pairs, found, strict=True)
    ]
