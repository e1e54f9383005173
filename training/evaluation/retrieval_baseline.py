"""Retrieval baseline for translation: the target of the most similar training source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from seqapp.errors import DataError
from training.data.splits import Pair, source_key

# Similarities computed at once (queries × training sentences): about 50 MB.
_CELLS = 4_000_000


class NearestSentence:
    """Nearest-neighbour translation: the target of the training pair with the most similar source.

    Similarity is the cosine of TF-IDF vectors (logarithmic counts) over character n-grams of 2 to 4 inside
    words, which match across Korean endings, and over word unigrams and bigrams. A model that does not
    clearly beat this baseline has learnt little beyond retrieval.

    Args:
        train_pairs: `(source, target)`.

    Raises:
        DataError: no training source has text.
    """

    def __init__(self, train_pairs: Sequence[Pair]) -> None:
        if not any(source_key(source) for source, _ in train_pairs):
            raise DataError(
                "no training pairs for the nearest-neighbour baseline; give the training pairs of the model"
            )
        self._targets = [target for _, target in train_pairs]
        letters = _tfidf(analyzer="char_wb", ngram_range=(2, 4))
        words = _tfidf(tokenizer=str.split, token_pattern=None, ngram_range=(1, 2))
        self._features = FeatureUnion([("letters", letters), ("words", words)])
        weights = self._features.fit_transform([source for source, _ in train_pairs])
        self._by_feature = weights.T.tocsr()

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Return one training target per text, the first one on ties.

        "" for a text without a feature in common with the training sources.
        """
        rows = max(1, _CELLS // len(self._targets))
        answers: list[str] = []
        for start in range(0, len(texts), rows):
            answers += self._nearest(list(texts[start : start + rows]))
        return answers

    def _nearest(self, texts: list[str]) -> list[str]:
        similarity = (self._features.transform(texts) @ self._by_feature).toarray()
        best = similarity.argmax(axis=1)
        found = similarity[np.arange(len(texts)), best] > 0
        return [self._targets[row] if any_ else "" for row, any_ in zip(best, found, strict=True)]


def _tfidf(**options: object) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=source_key, sublinear_tf=True, dtype=np.float32, **options)
