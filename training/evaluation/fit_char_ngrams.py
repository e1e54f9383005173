"""Fits the linear model over character n-grams of a classifier."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.svm import LinearSVC

from seqapp.linear.ngram_scorer import NgramScorer

COSTS = (0.3, 1.0)  # the first one is used to select the weighting
_ROWS_AT_ONCE = 256
_TOLERANCE = 0.1  # LIBLINEAR's default for this loss; scikit-learn's takes ten times as long


class SvmHyperparameters(NamedTuple):
    """Hyperparameters selected on the validation texts.

    Fields:
        cost: C of the support vector machine.
        log_count_ratios: whether the inputs are scaled by log-count ratios (NB-SVM weighting).
    """

    cost: float
    log_count_ratios: bool


class _Trial(NamedTuple):
    """Weights fitted with some hyperparameters, and their validation accuracy."""

    accuracy: float
    settings: SvmHyperparameters
    table: np.ndarray
    bias: np.ndarray

    def score(self) -> float:
        return self.accuracy


def fit_char_ngrams(
    scorer: NgramScorer,
    texts: Sequence[str],
    targets: np.ndarray,
    valid_texts: Sequence[str],
    valid_targets: np.ndarray,
    exclusive: bool,
) -> SvmHyperparameters:
    """Fit one linear support vector machine per class (for two exclusive classes: one for both).

    TF-IDF inputs are compared with inputs scaled by the log-count ratio of each n-gram and class (NB-SVM),
    which helps with few texts.

    Sources: Fan et al. 2008, "LIBLINEAR", L2-regularised squared hinge loss; Wang and Manning 2012,
    "Baselines and Bigrams", section 2.3, for the ratios.

    Args:
        scorer: the model; its weights are assigned.
        texts: training texts.
        targets: multi-hot [texts, C].
        valid_texts, valid_targets: validation texts and their targets; the most accurate variant is kept.
        exclusive: one class per text.
    """
    counts = ngram_counts(scorer, texts)
    documents = np.bincount(counts.indices, minlength=scorer.buckets)
    idf = np.log((1 + len(texts)) / (1 + documents)) + 1
    inputs, held_out = weighted(counts, idf), weighted(ngram_counts(scorer, valid_texts), idf)
    ratios = log_count_ratios(counts, targets)

    def trial(cost: float, log_count_ratios: bool) -> _Trial:
        scales = ratios if log_count_ratios else np.ones_like(ratios)
        table, bias = _fit(inputs, targets, cost, exclusive, scales)
        accuracy = _accuracy(held_out @ table + bias, valid_targets, exclusive)
        return _Trial(accuracy, SvmHyperparameters(cost, log_count_ratios), table, bias)

    better = max((trial(COSTS[0], with_ratios) for with_ratios in (True, False)), key=_Trial.score)
    others = (trial(cost, better.settings.log_count_ratios) for cost in COSTS[1:])
    best = max([better, *others], key=_Trial.score)
    scorer.assign(idf, best.table, best.bias)
    return best.settings


def ngram_counts(scorer: NgramScorer, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
    """Return the n-gram counts float32 [texts, buckets], with the scorer's own n-gram extraction."""
    rows, columns = [], []
    for start, ngrams in _ngrams(scorer, texts):
        row, _, _ = found = np.nonzero(ngrams >= 0)
        rows.append(row + start)
        columns.append(ngrams[found])
    shape = (len(texts), scorer.buckets)
    if not rows:
        return scipy.sparse.csr_matrix(shape, dtype=np.float32)
    row, column = np.concatenate(rows), np.concatenate(columns)
    # Duplicate entries are summed.
    return scipy.sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)


def weighted(counts: scipy.sparse.csr_matrix, idf: np.ndarray) -> scipy.sparse.csr_matrix:
    """Return the inputs of `NgramScorer`: counts times idf, divided by the square root of the sum of idf²."""
    norm = np.sqrt(counts @ np.square(idf))
    scaled = counts @ scipy.sparse.diags(idf.astype(np.float32))
    return (scipy.sparse.diags((1 / np.maximum(norm, 1e-9)).astype(np.float32)) @ scaled).tocsr()


def log_count_ratios(counts: scipy.sparse.csr_matrix, targets: np.ndarray) -> np.ndarray:
    """Return the log-count ratios float64 [buckets, C] of n-gram frequency inside and outside each class.

    Document frequencies with add-one smoothing, normalised over all n-grams.

    Args:
        counts: [texts, buckets].
        targets: multi-hot [texts, C].
    """
    occurs = (counts > 0).astype(np.float64)
    inside, outside = 1 + occurs.T @ targets, 1 + occurs.T @ (1 - targets)
    return np.log(inside / inside.sum(axis=0)) - np.log(outside / outside.sum(axis=0))


def _ngrams(scorer: NgramScorer, texts: Sequence[str]) -> Iterator[tuple[int, np.ndarray]]:
    read = tf.function(
        lambda text: scorer.ngrams(scorer.characters(text)),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        yield start, read(tf.constant(list(texts[start : start + _ROWS_AT_ONCE]), tf.string)).numpy()


def _fit(
    inputs: scipy.sparse.csr_matrix, targets: np.ndarray, cost: float, exclusive: bool, scales: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return W [buckets, C] and b [C] of machines trained on the inputs times the scales [buckets, C]."""

    def machine(own: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, float]:
        model = LinearSVC(C=cost, tol=_TOLERANCE, random_state=0)
        model.fit(inputs @ scipy.sparse.diags(scale.astype(np.float32)), own)
        return model.coef_[0] * scale, model.intercept_[0]

    classes = targets.shape[1]
    if exclusive and classes == 2:
        # One margin, split between the two classes.
        weights, bias = machine(targets[:, 1] > 0, scales[:, 1])
        return np.stack([-weights, weights], axis=1) / 2, np.array([-bias, bias]) / 2
    table, biases = np.zeros((inputs.shape[1], classes)), np.full(classes, -1.0)
    for place in range(classes):
        own = targets[:, place] > 0
        if own.any() and not own.all():
            table[:, place], biases[place] = machine(own, scales[:, place])
    return table, biases


def _accuracy(scores: np.ndarray, targets: np.ndarray, exclusive: bool) -> float:
    if not len(targets):
        return 0.0
    if exclusive:
        return float((scores.argmax(axis=1) == targets.argmax(axis=1)).mean())
    return float(((scores > 0) == (targets > 0)).mean())
