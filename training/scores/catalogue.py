"""The scores of each task."""

from typing import Any

from training.evaluation import classification_scores as classification
from training.evaluation import translation_scores as translation

SCORES: dict[str, Any] = {"translation": translation, "classification": classification}
BASELINES: tuple[str, ...] = tuple(scores.BASELINE for scores in SCORES.values())
