"""Finds the weights of a classifier's linear model."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.svm import LinearSVC

from seqapp.linear.ngram_scorer import NgramScorer

COSTS = (0.3, 1.0)  # at the first one it is decided whether ratios help
_ROWS_AT_ONCE = 256
_TOLERANCE = 0.1  # LIBLINEAR's own for this loss; scikit-learn's takes ten times as long for the same answers


class Choice(NamedTuple):
    """What was better on the validation texts: the cost, and whether log-count ratios scale the inputs."""

    cost: float
    ratios: bool


def fit_characters(
    scorer: NgramScorer,
    texts: Sequence[str],
    targets: np.ndarray,
    checked: Sequence[str],
    wanted: np.ndarray,
    exclusive: bool,
) -> Choice:
    """Fits one linear support vector machine per class (of two exclusive classes: one for both).

    Each is tried on the inputs as they are and on the inputs times the log-count ratio of each n-gram for
    the class, which on few texts tells at once what speaks for it.

    Sources: Fan et al. 2008, "LIBLINEAR", L2-regularised squared hinge loss; Wang and Manning 2012,
    "Baselines and Bigrams", section 2.3, for the ratios.

    Args:
        scorer: whose weights are assigned.
        texts: to train on.
        targets: [texts, C], 1 at the classes of each.
        checked, wanted: validation texts and their targets; what answers most of them rightly is taken.
        exclusive: one class per text.
    """
    counts = ngram_counts(scorer, texts)
    documents = np.bincount(counts.indices, minlength=scorer.buckets)
    idf = np.log((1 + len(texts)) / (1 + documents)) + 1
    inputs, held_out = weighted(counts, idf), weighted(ngram_counts(scorer, checked), idf)
    ratios = log_count_ratios(counts, targets)

    def tried(choice: Choice) -> tuple[float, Choice, np.ndarray, np.ndarray]:
        scales = ratios if choice.ratios else np.ones_like(ratios)
        table, bias = _fitted(inputs, targets, choice.cost, exclusive, scales)
        return _right(held_out @ table + bias, wanted, exclusive), choice, table, bias

    first = [tried(Choice(COSTS[0], with_ratios)) for with_ratios in (True, False)]
    better = max(first, key=_share)
    found = max([better, *(tried(Choice(cost, better[1].ratios)) for cost in COSTS[1:])], key=_share)
    scorer.assign(idf, *found[2:])
    return found[1]


def ngram_counts(scorer: NgramScorer, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
    """float32 [texts, buckets]: how often each n-gram stands in each text, by the scorer's own reading."""
    rows, columns = [], []
    for start, ngrams in _ngrams(scorer, texts):
        row, _, _ = found = np.nonzero(ngrams >= 0)
        rows.append(row + start)
        columns.append(ngrams[found])
    shape = (len(texts), scorer.buckets)
    if not rows:
        return scipy.sparse.csr_matrix(shape, dtype=np.float32)
    row, column = np.concatenate(rows), np.concatenate(columns)
    # Equal entries add up.
    return scipy.sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)


def weighted(counts: scipy.sparse.csr_matrix, idf: np.ndarray) -> scipy.sparse.csr_matrix:
    """The inputs of `NgramScorer`: counts times idf, over the square root of the sum of idf²."""
    norm = np.sqrt(counts @ np.square(idf))
    scaled = counts @ scipy.sparse.diags(idf.astype(np.float32))
    return (scipy.sparse.diags((1 / np.maximum(norm, 1e-9)).astype(np.float32)) @ scaled).tocsr()


def log_count_ratios(counts: scipy.sparse.csr_matrix, targets: np.ndarray) -> np.ndarray:
    """float64 [buckets, C]: ln of how often an n-gram occurs in the texts of a class over that in all others.

    A text counts an n-gram once; to each count 1 is added, and both are shares of all n-grams there.

    Args:
        counts: [texts, buckets].
        targets: [texts, C], 1 at the classes of each.
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


def _fitted(
    inputs: scipy.sparse.csr_matrix, targets: np.ndarray, cost: float, exclusive: bool, scales: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """W [buckets, C] and b [C] of machines that see the inputs times their class's scales [buckets, C]."""

    def machine(own: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, float]:
        model = LinearSVC(C=cost, tol=_TOLERANCE, random_state=0)
        model.fit(inputs @ scipy.sparse.diags(scale.astype(np.float32)), own)
        return model.coef_[0] * scale, model.intercept_[0]

    classes = targets.shape[1]
    if exclusive and classes == 2:
        # One margin, half of it for either class.
        weights, bias = machine(targets[:, 1] > 0, scales[:, 1])
        return np.stack([-weights, weights], axis=1) / 2, np.array([-bias, bias]) / 2
    table, biases = np.zeros((inputs.shape[1], classes)), np.full(classes, -1.0)
    for place in range(classes):
        own = targets[:, place] > 0
        if own.any() and not own.all():
            table[:, place], biases[place] = machine(own, scales[:, place])
    return table, biases


def _right(scores: np.ndarray, wanted: np.ndarray, exclusive: bool) -> float:
    if not len(wanted):
        return 0.0
    if exclusive:
        return float((scores.argmax(axis=1) == wanted.argmax(axis=1)).mean())
    return float(((scores > 0) == (wanted > 0)).mean())


def _share(trial: tuple[float, Choice, np.ndarray, np.ndarray]) -> float:
    return trial[0]
