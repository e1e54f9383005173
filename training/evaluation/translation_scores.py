"""Scores of a translator on held-out text."""

import re
import time
from collections.abc import Sequence
from typing import Any

from seqapp.tasks.translation import TranslationTask
from training.data.splits import Pair
from training.evaluation.nearest import NearestSentence
from training.evaluation.translation_metrics import translation_scores

BASELINE = "nearest"
BASELINE_CHOOSES = False

_TOKENIZER = re.compile(r"tok:([a-z0-9]+(?:-mecab)?)")  # in a signature of sacreBLEU


def score_task(task: TranslationTask, pairs: Sequence[Pair]) -> dict[str, Any]:
    """Scores of the task's translations of `pairs`, with the ``seconds`` that translating took."""
    began = time.monotonic()
    hypotheses = task.translate_lines([source for source, _ in pairs])
    seconds = time.monotonic() - began
    return {**scores_of(task, hypotheses, pairs), "seconds": round(seconds, 2)}


def scores_of(task: TranslationTask, hypotheses: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Scores of given translations of `pairs`, see `translation_scores`."""
    return translation_scores(hypotheses, [target for _, target in pairs], task.config.target_language)


def score_baseline(
    task: TranslationTask, training: Sequence[Pair], validation: Sequence[Pair], pairs: Sequence[Pair]
) -> dict[str, Any]:
    """Scores of answering with the translation of the most similar training sentence.

    `validation` is not looked at: there is nothing to choose.
    """
    began = time.monotonic()
    hypotheses = NearestSentence(list(training)).translate([source for source, _ in pairs])
    scores = scores_of(task, hypotheses, pairs)
    return {"name": "nearest", **scores, "seconds": round(time.monotonic() - began, 2)}


def score_line(scores: dict[str, Any]) -> str:
    """The scores in words, for a person."""
    parts = [f"chrF {scores['chrf']:.1f}", f"BLEU {scores['bleu']:.1f}"]
    if "character_bleu" in scores:
        parts.append(f"character BLEU {scores['character_bleu']:.1f}")
    if "tokenized_bleu" in scores:
        tokenizer = _TOKENIZER.search(scores["tokenized_bleu_signature"])
        parts.append(f"BLEU ({tokenizer[1] if tokenizer else 'words'}) {scores['tokenized_bleu']:.1f}")
    return "  ".join(
        [*parts, f"exact match {scores['exact_match']:.1%}", f"({scores['sentences']:,} sentences)"]
    )


def samples(task: TranslationTask, pairs: Sequence[Pair]) -> list[str]:
    """Some sources with their translations and references, to print."""
    found = task.translate_lines([source for source, _ in pairs])
    return [
        f"  {source}\n  → {answer}\n  (reference: {reference})"
        for (source, reference), answer in zip(pairs, found, strict=True)
    ]
