"""Baseline for classification: a linear model over word and character n-grams."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress

import joblib
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from seqapp.errors import DataError
from seqapp.text.labels import Labels
from training.data.splits import Pair, source_key
from training.evaluation.support_vector_machines import threads

COSTS = (0.1, 0.3, 1.0)
_USUAL_COST = 0.3
# Above this number of texts times labels, the usual cost is taken without fitting the others.
_MOST_FOR_SELECTION = 20_000_000
# From this number of rows on, n-grams of a single text are dropped to save memory.
_MANY_ROWS = 10_000
_WORD = r"\w+|[^\w\s]"  # punctuation marks are words: "!" and ":)" carry sentiment


class LinearBaseline:
    """TF-IDF (logarithmic counts) of character and word n-grams with a linear support vector machine.

    A strong baseline for few texts. Character n-grams of length 1 to 5 span spaces, since Korean spacing
    varies; word unigrams and bigrams have half their weight. Multi-label: one-vs-rest.

    C is selected from 0.1, 0.3 and 1 by accuracy on the validation rows (multi-label: micro-F1), on ties
    the smallest. Above 20 million texts × labels, such as 100,000 texts with 300 labels, C is 0.3: one fit
    instead of three. Deterministic: equal rows give equal predictions.

    Args:
        pairs: training rows (text, label).
        labels: the classes and their separator.
        validation: rows to select C on; without rows C is 0.3.

    Raises:
        DataError: all texts are empty, all labels are equal, or a label is not among the classes.
    """

    def __init__(self, pairs: Sequence[Pair], labels: Labels, validation: Sequence[Pair] = ()) -> None:
        self.labels = labels
        targets = labels.targets([label for _, label in pairs])
        texts = [text for text, _ in pairs]
        _check(texts, targets)
        self._features, weights = _fitted_features(texts)
        if not validation or targets.size > _MOST_FOR_SELECTION:
            self.cost, self._model = _USUAL_COST, self._fitted(weights, targets, _USUAL_COST)
            return
        held_out = self._features.transform([text for text, _ in validation])
        expected = labels.targets([label for _, label in validation])
        best = -1.0
        for cost in COSTS:
            model = self._fitted(weights, targets, cost)
            reached = _micro_f1(self._predictions(model, held_out), expected)
            if reached > best:
                best, self.cost, self._model = reached, cost, model

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        """Return multi-hot predictions float32 [rows, C].

        These are not probabilities, so they have no calibration error.
        """
        if not texts:
            return np.zeros((0, len(self.labels)), np.float32)
        return self._predictions(self._model, self._features.transform(texts))

    def _fitted(
        self, weights: csr_matrix, targets: np.ndarray, cost: float
    ) -> LinearSVC | OneVsRestClassifier:
        machine = LinearSVC(C=cost, max_iter=10_000, random_state=0)
        if self.labels.separator:
            with warnings.catch_warnings():
                # A class that all rows have, or none, is predicted as a constant.
                warnings.filterwarnings("ignore", r"Label .* is present in all training examples")
                return OneVsRestClassifier(machine).fit(weights, targets)
        own = targets.argmax(axis=1)
        if targets.size <= _MOST_FOR_SELECTION:
            return machine.fit(weights, own)
        # The same machines, several at once.
        with joblib.parallel_config(backend="threading", n_jobs=threads()):
            return OneVsRestClassifier(machine).fit(weights, own)

    def _predictions(self, model: LinearSVC | OneVsRestClassifier, weights: csr_matrix) -> np.ndarray:
        found = model.predict(weights)
        if self.labels.separator:
            return found.astype(np.float32)
        return np.eye(len(self.labels), dtype=np.float32)[found]


def _fitted_features(texts: list[str]) -> tuple[FeatureUnion, csr_matrix]:
    """Return the fitted TF-IDF features, and those of `texts`."""
    if len(texts) >= _MANY_ROWS:
        with suppress(ValueError):  # no n-gram occurs in two texts
            return _fit_features(texts, rare=2)
    return _fit_features(texts, rare=1)


def _fit_features(texts: list[str], rare: int) -> tuple[FeatureUnion, csr_matrix]:
    characters = _tfidf(rare, analyzer="char", ngram_range=(1, 5))
    words = _tfidf(rare, token_pattern=_WORD, ngram_range=(1, 2))
    features = FeatureUnion(
        [("characters", characters), ("words", words)], transformer_weights={"characters": 1.0, "words": 0.5}
    )
    return features, features.fit_transform(texts)


def _tfidf(rare: int, **options: object) -> TfidfVectorizer:
    return TfidfVectorizer(preprocessor=source_key, sublinear_tf=True, min_df=rare, **options)


def _check(texts: list[str], targets: np.ndarray) -> None:
    if not any(source_key(text) for text in texts):
        raise DataError(
            f"all {len(texts)} texts are empty; check --text-column"
        )
    if (targets == targets[0]).all():
        raise DataError(
            f"expected at least two different labels, got the same one for all {len(texts)} texts; add texts "
            "of another class"
        )


def _micro_f1(predicted: np.ndarray, expected: np.ndarray) -> float:
    """Return micro-F1 of multi-hot [rows, C]; equals the accuracy for single-label rows."""
    return float(2 * (predicted * expected).sum() / max(1.0, float(predicted.sum() + expected.sum())))
