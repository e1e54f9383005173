"""Estimates of the lengths of texts in tokens.

Source: Kudo and Richardson 2018, "SentencePiece".
"""

import unicodedata
from collections.abc import Iterable, Sequence

import sentencepiece

from seqapp.config import SubwordsConfig
from seqapp.text.subword_training import LONGEST_LINE, SPACE, train_subwords
from training.data.splits import Row
from training.inspection.sample import evenly_spaced

VOCABULARY_ROWS = 5_000
_EOS = 1


def token_lengths(
    rows: Sequence[Row], places: Sequence[int], config: SubwordsConfig
) -> dict[int, list[int]]:
    """Return the number of tokens of each text, EOS included.

    An estimate: the vocabulary is learnt from at most 5,000 of the rows, without augmentation. More rows
    give slightly fewer tokens.

    Args:
        rows: at least one.
        places: columns of the rows that hold texts.
        config: size of the vocabulary.

    Returns:
        Column → lengths, one per row.
    """
    learnt = [row[place] for row in evenly_spaced(rows, VOCABULARY_ROWS) for place in places]
    lines = [line for text in learnt if (line := _line(text))]
    if not lines:
        return {place: [_EOS] * len(rows) for place in places}
    model = sentencepiece.SentencePieceProcessor(model_proto=train_subwords(lines, config))
    return {place: _lengths(model, (row[place] for row in rows)) for place in places}


def _lengths(model: sentencepiece.SentencePieceProcessor, texts: Iterable[str]) -> list[int]:
    prefixed = [SPACE + text if text else "" for text in map(_normalised, texts)]
    return [len(ids) + _EOS for ids in model.encode(prefixed)]


def _line(text: str) -> str:
    """Return a line for the trainer, which skips longer ones."""
    return _normalised(text).encode()[:LONGEST_LINE].decode("utf-8", "ignore")


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
