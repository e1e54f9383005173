"""Translation metrics: BLEU with a tokenizer for the target language, and chrF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sacrebleu.metrics import BLEU, CHRF

from seqapp.errors import DataError
from seqapp.language_tags import Language, parse_language
from training.evaluation.measured_scores import measured_scores
from training.evaluation.measures import Measure, Share
from training.evaluation.sacrebleu_score import SacreBleuScore

# Scripts that BLEU's 13a tokenizer does not split into words: no spaces between words, or particles attached
# to nouns.
_UNSPLIT = frozenset(
    (
        *("Hani", "Hans", "Hant", "Bopo", "Yiii", "Jpan", "Hira", "Kana", "Hrkt", "Kore", "Hang"),
        *("Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Lana", "Tale", "Talu"),
    )
)
_CHINESE = frozenset({"Hani", "Hans", "Hant"})


def translation_scores(
    hypotheses: Sequence[str],
    references: Sequence[str],
    target_language: str = "",
    resamples: int = 0,
) -> dict[str, Any]:
    """Return corpus BLEU and chrF with their sacreBLEU signatures, and confidence intervals.

    Args:
        hypotheses: translations.
        references: one reference per translation.
        target_language: BCP 47 tag, e.g. ``ko``; "" if unknown.
        resamples: number of resamples for confidence intervals, see `measured_scores`; 0 for no intervals.

    Returns:
        ``bleu`` (tokenizer 13a), ``chrf`` (0 to 100), ``exact_match`` (0 to 1) and ``sentences``. For
        languages that 13a does not split into words also ``character_bleu`` and, if sacreBLEU has a word
        tokenizer for the language (see `word_tokenizer`), ``tokenized_bleu``. ``…_signature`` for each, and
        ``…_interval`` with `resamples`.

    Raises:
        DataError: no hypotheses, or another number of references.
        ConfigError: an unknown language.
    """
    measures = translation_measures(hypotheses, references, target_language)
    digits = {name: 2 if isinstance(measure, SacreBleuScore) else 4 for name, measure in measures.items()}
    scores = measured_scores(measures, digits, resamples)
    for name, measure in measures.items():
        if isinstance(measure, SacreBleuScore):
            scores[f"{name}_signature"] = measure.signature
    scores["sentences"] = len(hypotheses)
    return scores


def translation_measures(
    hypotheses: Sequence[str], references: Sequence[str], target_language: str = ""
) -> dict[str, Measure]:
    """Return the scores of `translation_scores` by name, to be compared. Raises as that."""
    if not hypotheses or len(hypotheses) != len(references):
        raise DataError(
            f"expected as many references as hypotheses and at least one, got {len(references)} references "
            f"and {len(hypotheses)} hypotheses"
        )
    measures: dict[str, Measure] = {
        name: SacreBleuScore(metric, hypotheses, references)
        for name, metric in _metrics(target_language).items()
    }
    matches = [h.strip() == r.strip() for h, r in zip(hypotheses, references, strict=True)]
    return {**measures, "exact_match": Share(np.asarray(matches))}


def word_tokenizer(language: Language) -> str:
    """Return sacreBLEU's word tokenizer of a language: "zh", "ja-mecab" or "ko-mecab"; "" for none.

    The MeCab tokenizers need the extras ``sacrebleu[ja]`` and ``sacrebleu[ko]``.
    """
    name = "zh" if language.likely_script in _CHINESE else f"{language.language}-mecab"
    if name not in BLEU.TOKENIZERS:
        return ""
    try:
        BLEU(tokenize=name)
    except RuntimeError:  # raised by sacreBLEU if the extra is not installed
        return ""
    return name


def tokenizer_of(signature: str) -> str:
    """Return the tokenizer named in a sacreBLEU signature.

    >>> tokenizer_of("nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:2.6.0")
    'zh'
    """
    return signature.partition("|tok:")[2].partition("|")[0]


def _metrics(target_language: str) -> dict[str, BLEU | CHRF]:
    metrics: dict[str, BLEU | CHRF] = {"bleu": BLEU(tokenize="13a"), "chrf": CHRF()}
    if not target_language:
        return metrics
    language = parse_language(target_language)
    if language.likely_script in _UNSPLIT:
        metrics["character_bleu"] = BLEU(tokenize="char")
        if tokenizer := word_tokenizer(language):
            metrics["tokenized_bleu"] = BLEU(tokenize=tokenizer)
    return metrics
