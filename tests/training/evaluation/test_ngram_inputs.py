import numpy as np
import scipy.sparse
import tensorflow as tf

from seqapp.linear.ngram_scorer import NgramScorer
from training.evaluation.ngram_inputs import log_count_ratios, ngram_counts, used_buckets, weighted

TEXTS = ["정말 좋은 영화", "좋은 배우", "참 좋다", "나쁜 영화", "정말 나쁜 배우", "참 나쁘다"]


def scorer(classes=2):
    return NgramScorer(classes, 3, 4096)


def test_counts_by_hand():
    one = NgramScorer(2, 1, 100_000)
    counts = ngram_counts(one, ["aab", "b b b"])
    characters, words = (kind.toarray() for kind in counts)
    assert sorted(characters[0][characters[0] > 0].tolist()) == [1, 2, 2]  # b, a, space
    assert characters[1].sum() == 7
    assert words[0].sum() == 1
    assert sorted(words[1][words[1] > 0].tolist()) == [2, 3]  # "b b", "b"
    assert ngram_counts(scorer(), ["aab"]).characters.sum() == 5 + 4 + 3
    assert ngram_counts(scorer(), ["aab"], longest=2).characters.sum() == 5 + 4
    assert ngram_counts(one, []).characters.shape == (0, 100_000)


def test_the_most_frequent_ngrams_have_weights():
    documents = np.array([0, 1, 3, 1, 2])
    assert used_buckets(documents, 4, 10).tolist() == [1, 2, 3, 4]
    assert used_buckets(documents, 4, 3).tolist() == [1, 2, 4]
    assert used_buckets(documents, 10_000, 10).tolist() == [2, 4]


def test_inputs_are_those_of_the_scorer():
    own = scorer()
    used = np.arange(0, 4096, 2)
    idf = np.random.default_rng(1).uniform(1, 2, 2048)
    table = np.random.default_rng(2).normal(size=(2048, 2))
    own.assign(used, idf, table, [0.5, 0.0])
    inputs = weighted(ngram_counts(own, TEXTS), used, idf)
    np.testing.assert_allclose(inputs @ table + [0.5, 0.0], own(tf.constant(TEXTS)), rtol=1e-4, atol=1e-4)


def test_ratios_by_hand():
    # Two n-grams. The first occurs in both texts of class 0, the second in one of either class.
    counts = scipy.sparse.csr_matrix(np.array([[3, 0], [1, 1], [0, 2]], np.float32))
    found = log_count_ratios(counts, np.array([[1, 0], [1, 0], [0, 1]]))
    first = np.log((3 / 5) / (1 / 3))  # (2 + 1) of (3 + 2) against (0 + 1) of (1 + 2)
    second = np.log((2 / 5) / (2 / 3))
    np.testing.assert_allclose(found, [[first, -first], [second, -second]])
