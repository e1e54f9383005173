"""Metrics of translated text: BLEU with the tokenizer that fits the target language, and chrF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sacrebleu.metrics import BLEU, CHRF

from seqapp.errors import DataError
from seqapp.language_tags import Language, parse_language

# Scripts whose words BLEU's 13a tokenizer leaves whole, or whose sentences: no blanks between words, or
# particles written together with their nouns.
_WHOLE = frozenset(
    (
        *("Hani", "Hans", "Hant", "Bopo", "Yiii", "Jpan", "Hira", "Kana", "Hrkt", "Kore", "Hang"),
        *("Thai", "Laoo", "Khmr", "Mymr", "Tibt", "Lana", "Tale", "Talu"),
    )
)
_CHINESE = frozenset({"Hani", "Hans", "Hant"})


def translation_scores(
    hypotheses: Sequence[str], references: Sequence[str], target_language: str = ""
) -> dict[str, Any]:
    """BLEU and chrF of a corpus, with the signatures that make them comparable.

    Args:
        hypotheses: translated text.
        references: one reference for each.
        target_language: BCP 47 tag, for instance ``ko``; "" if unknown.

    Returns:
        ``bleu`` (tokenizer 13a), ``chrf`` (0 to 100), ``exact_match`` (0 to 1) and ``sentences``. For
        languages whose words or sentences 13a leaves whole also ``character_bleu``, and, where sacreBLEU
        has a tokenizer of words for the language (see `word_tokenizer`), ``tokenized_bleu``. For each
        metric ``…_signature``.

    Raises:
        DataError: nothing to score, or not as many references as hypotheses.
        ConfigError: an unknown language.
    """
    if not hypotheses or len(hypotheses) != len(references):
        raise DataError(
            "references: expected one for each hypothesis and at least one, "
            f"got {len(references)} for {len(hypotheses)}"
        )
    scores: dict[str, Any] = {}
    for name, metric in _metrics(target_language).items():
        result = metric.corpus_score(list(hypotheses), [list(references)])
        scores[name] = round(result.score, 2)
        scores[f"{name}_signature"] = str(metric.get_signature())
    matches = sum(h.strip() == r.strip() for h, r in zip(hypotheses, references, strict=True))
    scores["exact_match"] = round(matches / len(hypotheses), 4)
    scores["sentences"] = len(hypotheses)
    return scores


def word_tokenizer(language: Language) -> str:
    """sacreBLEU's tokenizer of words for a language: "zh", "ja-mecab" or "ko-mecab"; "" if none is here.

    The two of MeCab come with the extras ``sacrebleu[ja]`` and ``sacrebleu[ko]``.
    """
    name = "zh" if language.likely_script in _CHINESE else f"{language.language}-mecab"
    if name not in BLEU.TOKENIZERS:
        return ""
    try:
        BLEU(tokenize=name)
    except RuntimeError:  # how sacreBLEU says that the extra is not installed
        return ""
    return name


def tokenizer_of(signature: str) -> str:
    """The tokenizer that a signature of sacreBLEU names.

    >>> tokenizer_of("nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:2.6.0")
    'zh'
    """
    return signature.partition("|tok:")[2].partition("|")[0]


def _metrics(target_language: str) -> dict[str, BLEU | CHRF]:
    metrics: dict[str, BLEU | CHRF] = {"bleu": BLEU(tokenize="13a"), "chrf": CHRF()}
    if not target_language:
        return metrics
    language = parse_language(target_language)
    if language.likely_script in _WHOLE:
        metrics["character_bleu"] = BLEU(tokenize="char")
        if tokenizer := word_tokenizer(language):
            metrics["tokenized_bleu"] = BLEU(tokenize=tokenizer)
    return metrics
