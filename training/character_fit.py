"""Finds the weights of a classifier's linear part."""

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse
import tensorflow as tf
from sklearn.svm import LinearSVC

from seqapp.models.character_scores import CharacterScores

COSTS = (0.1, 0.3, 1.0)
_ROWS_AT_ONCE = 256
_TOLERANCE = 0.1  # LIBLINEAR's own for this loss; scikit-learn's takes ten times as long for the same answers


def fit_characters(
    layer: CharacterScores,
    texts: Sequence[str],
    targets: np.ndarray,
    checked: Sequence[str],
    wanted: np.ndarray,
    exclusive: bool,
) -> float:
    """Fits one linear support vector machine a class (of two exclusive classes: one for both).

    Source: Fan et al. 2008, "LIBLINEAR", L2-regularised squared hinge loss.

    Args:
        layer: whose weights are assigned.
        texts: to train on.
        targets: [texts, C], 1 at the classes of each.
        checked, wanted: validation texts and their targets; the cost that answers most of them rightly
            is taken, of `COSTS`.
        exclusive: one class a text.

    Returns:
        The cost.
    """
    counts = run_counts(layer, texts)
    documents = np.bincount(counts.indices, minlength=layer.buckets)
    rarity = np.log((1 + len(texts)) / (1 + documents)) + 1
    inputs, held_out = weighted(counts, rarity), weighted(run_counts(layer, checked), rarity)
    best: tuple[float, float, tuple[np.ndarray, np.ndarray]] | None = None
    for cost in COSTS:
        table, bias = _fitted(inputs, targets, cost, exclusive)
        right = _right(held_out @ table + bias, wanted, exclusive)
        if best is None or right > best[0]:
            best = right, cost, (table, bias)
    assert best is not None  # noqa: S101  there are costs
    layer.assign(rarity, *best[2])
    return best[1]


def run_counts(layer: CharacterScores, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
    """float32 [texts, buckets]: how often each run stands in each text, by the layer's own reading."""
    rows, columns = [], []
    for start, runs in _runs(layer, texts):
        row, _, _ = found = np.nonzero(runs >= 0)
        rows.append(row + start)
        columns.append(runs[found])
    shape = (len(texts), layer.buckets)
    if not rows:
        return scipy.sparse.csr_matrix(shape, dtype=np.float32)
    row, column = np.concatenate(rows), np.concatenate(columns)
    # Equal entries add up.
    return scipy.sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=shape)


def weighted(counts: scipy.sparse.csr_matrix, rarity: np.ndarray) -> scipy.sparse.csr_matrix:
    """The inputs of `CharacterScores`: counts times idf, over the square root of the sum of idf²."""
    norm = np.sqrt(counts @ np.square(rarity))
    scaled = counts @ scipy.sparse.diags(rarity.astype(np.float32))
    return (scipy.sparse.diags((1 / np.maximum(norm, 1e-9)).astype(np.float32)) @ scaled).tocsr()


def _runs(layer: CharacterScores, texts: Sequence[str]) -> Iterator[tuple[int, np.ndarray]]:
    read = tf.function(
        lambda text: layer.runs(layer.characters(text)), input_signature=[tf.TensorSpec([None], tf.string)]
    )
    for start in range(0, len(texts), _ROWS_AT_ONCE):
        yield start, read(tf.constant(list(texts[start : start + _ROWS_AT_ONCE]), tf.string)).numpy()


def _fitted(
    inputs: scipy.sparse.csr_matrix, targets: np.ndarray, cost: float, exclusive: bool
) -> tuple[np.ndarray, np.ndarray]:
    """W [buckets, C] and b [C]."""
    classes = targets.shape[1]
    if exclusive and classes == 2:
        model = LinearSVC(C=cost, tol=_TOLERANCE, random_state=0).fit(inputs, targets.argmax(axis=1))
        # One margin, half of it for either class.
        return np.hstack([-model.coef_.T, model.coef_.T]) / 2, np.r_[-model.intercept_, model.intercept_] / 2
    table, bias = np.zeros((inputs.shape[1], classes)), np.full(classes, -1.0)
    for place in range(classes):
        own = targets[:, place] > 0
        if own.any() and not own.all():
            model = LinearSVC(C=cost, tol=_TOLERANCE, random_state=0).fit(inputs, own)
            table[:, place], bias[place] = model.coef_[0], model.intercept_[0]
    return table, bias


def _right(scores: np.ndarray, wanted: np.ndarray, exclusive: bool) -> float:
    if not len(wanted):
        return 0.0
    if exclusive:
        return float((scores.argmax(axis=1) == wanted.argmax(axis=1)).mean())
    return float(((scores > 0) == (wanted > 0)).mean())
