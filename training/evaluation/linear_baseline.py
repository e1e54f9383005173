"""The baseline for labelled texts: a linear model over words and characters."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from seqapp.errors import DataError
from seqapp.text.labels import Labels
from training.data.splits import Pair, source_key

COSTS = (0.1, 0.3, 1.0)
_USUAL_COST = 0.3
# From so many rows on, what stands in one text only is left out: it teaches little and takes memory.
_MANY_ROWS = 10_000
_WORD = r"\w+|[^\w\s]"  # signs are words of their own: "!" and ":)" say a lot


class LinearBaseline:
    """TF-IDF (logarithmic counts) of character runs and of words, then a linear support vector machine.

    What one would pick instead of a network where texts are few. Runs of 1 to 5 characters reach over
    the blanks, which Korean sets freely; words and their pairs count half as much beside them. Several
    labels a text: a machine for each class, against all others.

    The cost C of an error is the one of 0.1, 0.3 and 1 that scores best on the validation rows, of
    equals the smallest: by accuracy, with several labels a text by micro-F1. Nothing is left to
    chance: the same rows give the same answers.

    Args:
        pairs: (text, label) rows to learn from.
        labels: the classes, and what separates several of them.
        validation: rows to choose C by; without any it is 0.3.

    Raises:
        DataError: no text has a letter, all have the same label, or a label is not among the classes.
    """

    def __init__(self, pairs: Sequence[Pair], labels: Labels, validation: Sequence[Pair] = ()) -> None:
        self.labels = labels
        targets = labels.targets([label for _, label in pairs])
        texts = [text for text, _ in pairs]
        _check(texts, targets)
        self._features, weights = _fitted_features(texts)
        if not validation:
            self.cost, self._model = _USUAL_COST, self._fitted(weights, targets, _USUAL_COST)
            return
        asked = self._features.transform([text for text, _ in validation])
        wanted = labels.targets([label for _, label in validation])
        best = -1.0
        for cost in COSTS:
            model = self._fitted(weights, targets, cost)
            reached = _micro_f1(self._answers(model, asked), wanted)
            if reached > best:
                best, self.cost, self._model = reached, cost, model

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        """Returns float32 [rows, C]: 1 at the classes of each text, otherwise 0.

        These are answers, not probabilities: they have no calibration error worth the name.
        """
        if not texts:
            return np.zeros((0, len(self.labels)), np.float32)
        return self._answers(self._model, self._features.transform(texts))

    def _fitted(
        self, weights: csr_matrix, targets: np.ndarray, cost: float
    ) -> LinearSVC | OneVsRestClassifier:
        machine = LinearSVC(C=cost, max_iter=10_000, random_state=0)
        if not self.labels.separator:
            return machine.fit(weights, targets.argmax(axis=1))
        with warnings.catch_warnings():
            # A class that every row has, or none, is answered as it stands; no need to say so.
            warnings.filterwarnings("ignore", r"Label .* is present in all training examples")
            return OneVsRestClassifier(machine).fit(weights, targets)

    def _answers(self, model: LinearSVC | OneVsRestClassifier, weights: csr_matrix) -> np.ndarray:
        found = model.predict(weights)
        if self.labels.separator:
            return found.astype(np.float32)
        return np.eye(len(self.labels), dtype=np.float32)[found]


def _fitted_features(texts: list[str]) -> tuple[FeatureUnion, csr_matrix]:
    """TF-IDF of runs and of words, and the weights of `texts`."""
    if len(texts) >= _MANY_ROWS:
        with suppress(ValueError):  # no word, or no run, stands in two texts: nothing would be left
            return _fit_features(texts, rare=2)
    return _fit_features(texts, rare=1)


def _fit_features(texts: list[str], rare: int) -> tuple[FeatureUnion, csr_matrix]:
    runs = _tfidf(rare, analyzer="char", ngram_range=(1, 5))
    words = _tfidf(rare, token_pattern=_WORD, ngram_range=(1, 2))
    features = FeatureUnion(
        [("runs", runs), ("words", words)], transformer_weights={"runs": 1.0, "words": 0.5}
    )
    return features, features.fit_transform(texts)


def _tfidf(rare: int, **options: object) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=source_key, sublinear_tf=True, min_df=rare, **options)


def _check(texts: list[str], targets: np.ndarray) -> None:
    if not any(source_key(text) for text in texts):
        raise DataError(
            f"text: expected texts to learn from, got {len(texts)} that are all empty; check which column "
            "holds the texts."
        )
    if (targets == targets[0]).all():
        raise DataError(
            f"label: expected at least two different labels, got the same one for all {len(texts)} texts; "
            "bring texts of another class."
        )


def _micro_f1(found: np.ndarray, wanted: np.ndarray) -> float:
    """Of 0/1 [rows, C]; with one class a row it is the accuracy."""
    return float(2 * (found * wanted).sum() / max(1.0, float(found.sum() + wanted.sum())))
