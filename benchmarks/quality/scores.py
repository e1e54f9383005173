"""Scores of translations: BLEU in two forms, chrF, and BLEU by source length."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sacrebleu.metrics import BLEU, CHRF

_EDGES = (0, 8, 12, 16, 20, 30, 10_000)  # words of the source
_FEWEST = 10  # sentences in a band that is scored


class Band(NamedTuple):
    """Test sentences with similar source lengths.

    Fields:
        name: words of the source, such as "8-11".
        words: mean number of words of the sources.
        sentences: number of sentences.
        bleu: lower-cased BLEU.
    """

    name: str
    words: float
    sentences: int
    bleu: float


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
    return {**values, "by_length": [band._asdict() for band in bands(sources, found, references)]}


def bands(sources: Sequence[str], found: Sequence[str], references: Sequence[str]) -> list[Band]:
    """Return lower-cased BLEU by the number of words in the source; bands with few sentences are omitted."""
    lengths = [len(source.split()) for source in sources]
    result = []
    for low, high in pairwise(_EDGES):
        rows = [row for row, length in enumerate(lengths) if low <= length < high]
        if len(rows) < _FEWEST:
            continue
        bleu = BLEU(lowercase=True).corpus_score([found[i] for i in rows], [[references[i] for i in rows]])
        name = f"{low}-{high - 1}" if high < _EDGES[-1] else f"{low} and more"
        mean = sum(lengths[row] for row in rows) / len(rows)
        result.append(Band(name, round(mean, 2), len(rows), round(bleu.score, 2)))
    return result
