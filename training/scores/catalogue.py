"""The scores of each task."""

from typing import Any

from training.scores import classification, translation

SCORES: dict[str, Any] = {"translation": translation, "classification": classification}
BASELINES: tuple[str, ...] = tuple(scores.BASELINE for scores in SCORES.values())
