"""The baseline without learning: the translation of the most similar training sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from seqapp.errors import DataError
from training.data.splits import Pair, source_key

# Similarities held at once (queries × training sentences): some 50 MB, whatever the corpus.
_CELLS = 4_000_000


class NearestSentence:
    """Answers with the target of the training pair whose source is most like the question.

    Alike is the cosine of TF-IDF weights (logarithmic counts) of two kinds of features: letters in
    runs of 2 to 4 inside words, which see past Korean endings, and single words with their pairs.
    A score that a trained model does not clearly beat was had by looking up.

    Args:
        train_pairs: `(source, target)`.

    Raises:
        DataError: there is no source to look up.
    """

    def __init__(self, train_pairs: Sequence[Pair]) -> None:
        if not any(source_key(source) for source, _ in train_pairs):
            raise DataError(
                "train_pairs: the nearest of no sentences was asked for; expected at least one pair with a "
                "source. Give the pairs the model was trained on."
            )
        self._targets = [target for _, target in train_pairs]
        letters = _tfidf(analyzer="char_wb", ngram_range=(2, 4))
        words = _tfidf(tokenizer=str.split, token_pattern=None, ngram_range=(1, 2))
        self._features = FeatureUnion([("letters", letters), ("words", words)])
        weights = self._features.fit_transform([source for source, _ in train_pairs])
        self._by_feature = weights.T.tocsr()

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Returns one training target a text; of equally near ones the first.

        A text that has nothing in common with the training sources gives "".
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
