"""Scores on held-out text, through the function that is served."""

import time
from collections.abc import Sequence
from typing import Any

from seqapp.tasks.translation import TranslationTask
from training.nearest import NearestSentence


def score_task(task: TranslationTask, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Scores of the task's translations of `pairs`, with the ``seconds`` that translating took."""
    began = time.monotonic()
    hypotheses = task.translate_lines([source for source, _ in pairs])
    seconds = time.monotonic() - began
    return {**task.scores(hypotheses, [target for _, target in pairs]), "seconds": round(seconds, 2)}


def score_baseline(
    task: TranslationTask, training: Sequence[tuple[str, str]], pairs: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Scores of answering with the translation of the most similar training sentence."""
    began = time.monotonic()
    hypotheses = NearestSentence(list(training)).translate([source for source, _ in pairs])
    scores = task.scores(hypotheses, [target for _, target in pairs])
    return {"name": "nearest", **scores, "seconds": round(time.monotonic() - began, 2)}


def score_line(scores: dict[str, Any]) -> str:
    """The scores in words, for a person."""
    parts = [f"chrF {scores['chrf']:.1f}", f"BLEU {scores['bleu']:.1f}"]
    if "character_bleu" in scores:
        parts.append(f"character BLEU {scores['character_bleu']:.1f}")
    return "  ".join(
        [*parts, f"exact match {scores['exact_match']:.1%}", f"({scores['sentences']:,} sentences)"]
    )
