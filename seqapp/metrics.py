"""Scores of translated text."""

from collections.abc import Sequence
from typing import Any

from sacrebleu.metrics import BLEU, CHRF

from seqapp.errors import DataError


def translation_scores(
    hypotheses: Sequence[str], references: Sequence[str], target_language: str = ""
) -> dict[str, Any]:
    """BLEU and chrF of a corpus, with the signatures that make them comparable.

    For Korean, whose words BLEU's tokenizer leaves whole, the BLEU over characters stands beside it.

    Args:
        hypotheses: translated text.
        references: one reference for each.
        target_language: ISO 639 code, for instance ``ko``.

    Returns:
        ``bleu``, ``chrf`` (0 to 100), ``bleu_signature``, ``chrf_signature``, ``exact_match`` (0 to 1),
        ``sentences``; for Korean also ``character_bleu`` and ``character_bleu_signature``.

    Raises:
        DataError: nothing to score, or not as many references as hypotheses.
    """
    if not hypotheses or len(hypotheses) != len(references):
        raise DataError(
            "references: expected one for each hypothesis and at least one, "
            f"got {len(references)} for {len(hypotheses)}"
        )
    scores: dict[str, Any] = {}
    metrics: dict[str, BLEU | CHRF] = {"bleu": BLEU(), "chrf": CHRF()}
    if target_language == "ko":
        metrics["character_bleu"] = BLEU(tokenize="char")
    for name, metric in metrics.items():
        result = metric.corpus_score(list(hypotheses), [list(references)])
        scores[name] = round(result.score, 2)
        scores[f"{name}_signature"] = str(metric.get_signature())
    matches = sum(h.strip() == r.strip() for h, r in zip(hypotheses, references, strict=True))
    scores["exact_match"] = round(matches / len(hypotheses), 4)
    scores["sentences"] = len(hypotheses)
    return scores
