"""Scores of translations: BLEU in two forms, chrF, and BLEU by source length."""

from collections.abc import Sequence
from typing import Any

from sacrebleu.metrics import BLEU, CHRF

from training.evaluation.length_bands import length_bands


def scores(sources: Sequence[str], found: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """Return BLEU, lower-cased BLEU and chrF with their signatures, and lower-cased BLEU by source length.

    ``lowercased_bleu`` is tokenised by 13a and lower-cased on both sides, as published figures on image
    captions are (with Moses' tokenizer, which splits these texts nearly as 13a does).
    """
    metrics = {"lowercased_bleu": BLEU(lowercase=True), "bleu": BLEU(), "chrf": CHRF()}
    values: dict[str, Any] = {}
    for name, metric in metrics.items():
        values[name] = round(metric.corpus_score(list(found), [list(references)]).score, 2)
        values[f"{name}_signature"] = str(metric.get_signature())
    bands = length_bands(sources, found, references, BLEU(lowercase=True))
    return {**values, "by_length": [band._asdict() for band in bands]}
