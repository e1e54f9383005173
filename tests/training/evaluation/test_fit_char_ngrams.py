import numpy as np
import pytest
import scipy.sparse
import tensorflow as tf

from seqapp.linear.ngram_scorer import NgramScorer
from training.evaluation.fit_char_ngrams import (
    COSTS,
    fit_char_ngrams,
    log_count_ratios,
    ngram_counts,
    weighted,
)

TEXTS = ["정말 좋은 영화", "좋은 배우", "참 좋다", "나쁜 영화", "정말 나쁜 배우", "참 나쁘다"]
GOOD = np.array([[0, 1]] * 3 + [[1, 0]] * 3, np.float32)


def scorer(classes=2):
    return NgramScorer(classes, 3, 4096)


def test_counts_by_hand():
    one = NgramScorer(2, 1, 100_000)
    counts = ngram_counts(one, ["aab", "b"]).toarray()
    assert sorted(counts[0][counts[0] > 0].tolist()) == [1, 2, 2]  # b, a, blank
    assert counts[1].sum() == 3


def test_inputs_are_those_of_the_scorer():
    own = scorer()
    idf = np.random.default_rng(1).uniform(1, 2, 4096)
    table = np.random.default_rng(2).normal(size=(4096, 2))
    own.assign(idf, table, [0.5, 0.0])
    inputs = weighted(ngram_counts(own, TEXTS), idf)
    np.testing.assert_allclose(inputs @ table + [0.5, 0.0], own(tf.constant(TEXTS)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("exclusive", [True, False])
def test_it_learns(exclusive):
    own = scorer()
    choice = fit_char_ngrams(own, TEXTS, GOOD, ["좋은 것", "나쁜 것"], np.array([[0, 1], [1, 0]]), exclusive)
    assert choice.cost in COSTS
    found = own(tf.constant(["아주 좋은", "아주 나쁜"])).numpy()
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_more_classes_and_one_that_never_occurs():
    own = scorer(classes=4)
    targets = np.eye(4, dtype=np.float32)[[0, 0, 1, 2, 2, 1]]
    fit_char_ngrams(own, TEXTS, targets, [], targets[:0], True)
    assert own(tf.constant(TEXTS)).numpy()[:, 3].max() <= -1.0


def test_ratios_by_hand():
    # Two n-grams. The first occurs in both texts of class 0, the second in one of either class.
    counts = scipy.sparse.csr_matrix(np.array([[3, 0], [1, 1], [0, 2]], np.float32))
    found = log_count_ratios(counts, np.array([[1, 0], [1, 0], [0, 1]]))
    first = np.log((3 / 5) / (1 / 3))  # (2 + 1) of (3 + 2) against (0 + 1) of (1 + 2)
    second = np.log((2 / 5) / (2 / 3))
    np.testing.assert_allclose(found, [[first, -first], [second, -second]])


def test_what_is_better_on_the_validation_texts_is_taken(monkeypatch):
    # Ratios of 1 change nothing and are tried first; ratios of 0 hide everything.
    ones = np.ones((4096, 2))
    monkeypatch.setattr("training.evaluation.fit_char_ngrams.log_count_ratios", lambda counts, targets: ones)
    own = scorer()
    plain = fit_char_ngrams(own, TEXTS, GOOD, TEXTS, GOOD, True)
    monkeypatch.setattr(
        "training.evaluation.fit_char_ngrams.log_count_ratios", lambda counts, targets: np.zeros((4096, 2))
    )
    blind = fit_char_ngrams(own, TEXTS, GOOD, TEXTS, GOOD, True)
    assert plain.log_count_ratios
    assert not blind.log_count_ratios
