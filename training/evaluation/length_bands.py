"""BLEU of translations by the length of their sources."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from sacrebleu.metrics import BLEU

_EDGES = (0, 8, 12, 16, 20, 30, 10_000)  # words of the source
_FEWEST = 10  # sentences in a band that is scored


class Band(NamedTuple):
    """Test sentences with similar source lengths.

    Fields:
        name: words of the source, such as "8-11".
        words: mean number of words of the sources.
        sentences: number of sentences.
        bleu: BLEU.
    """

    name: str
    words: float
    sentences: int
    bleu: float


def length_bands(
    sources: Sequence[str], found: Sequence[str], references: Sequence[str], metric: BLEU
) -> list[Band]:
    """Return BLEU by the number of words in the source; bands with few sentences are omitted."""
    lengths = [len(source.split()) for source in sources]
    result = []
    for low, high in pairwise(_EDGES):
        rows = [row for row, length in enumerate(lengths) if low <= length < high]
        if len(rows) < _FEWEST:
            continue
        bleu = metric.corpus_score([found[i] for i in rows], [[references[i] for i in rows]])
        name = f"{low}-{high - 1}" if high < _EDGES[-1] else f"{low} and more"
        mean = sum(lengths[row] for row in rows) / len(rows)
        result.append(Band(name, round(mean, 2), len(rows), round(bleu.score, 2)))
    return result
