import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from seqapp.decoding.beam import Beam
from seqapp.decoding.repeated_ngrams import no_repeat_ngram
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.large_negative import LARGE_NEGATIVE

A, B, C = 4, 5, 6


def excluded(ids, sizes, t):
    """The ids that are excluded for each hypothesis."""
    ids = tf.constant(ids, tf.int32)
    logits = tf.zeros([ids.shape[0] * ids.shape[1], 8])
    logits = no_repeat_ngram(tf.constant(sizes))(logits, ids, tf.constant(t))
    assert set(np.unique(logits)) <= {0.0, np.float32(LARGE_NEGATIVE)}
    return [np.flatnonzero(row).tolist() for row in logits.numpy()]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, []),
        (-3, []),
        (1, [A, B, C]),  # each id once
        (2, [B, C]),  # A B and A C are there, and the last id is A
        (3, [C]),  # B A C is there
        (4, [C]),  # A B A C
        (5, []),
        (8, []),
        (99, []),
    ],
)
def test_by_hand(size, expected):
    # A B A C A B A, and the next one.
    assert excluded([[[A, B, A, C, A, B, A, 0, 0]]], [size], 7) == [expected]


def test_the_longest_ngram():
    ids = [3, 4, 5, 6, 7, 3, 4, 1, 3, 4, 5, 6, 7, 3, 4]
    for size in (7, 8, 9, 100):
        assert excluded([[ids]], [size], 15) == [[1]]  # 4 5 6 7 3 4 1, and one id longer


def test_each_hypothesis_of_each_row_has_its_own():
    ids = [[[A, B, A, 0], [A, A, A, 0]], [[A, B, A, 0], [B, B, C, 0]], [[A, B, A, 0], [C, C, C, 0]]]
    assert excluded(ids, [2, 1, 0], 3) == [[B], [A], [A, B], [B, C], [], []]


@pytest.mark.parametrize("t", [0, 1])
def test_there_is_no_ngram_at_the_begin(t):
    # What is behind t does not count.
    assert excluded([[[A, A, A, A]]], [2], t) == [[A] if t > 1 else []]


def repeats(ids, size):
    grams = [tuple(ids[i : i + size]) for i in range(len(ids) - size + 1)]
    return len(grams) != len(set(grams))


@given(st.lists(st.integers(A, C), max_size=12), st.integers(1, 8))
def test_what_is_excluded_would_repeat_an_ngram(ids, size):
    grams = {tuple(ids[i : i + size]) for i in range(len(ids) - size + 1)}
    last = ids[len(ids) - size + 1 :] if size > 1 else []
    expected = [token for token in range(8) if (*last, token) in grams]
    assert excluded([[[*ids, 0]]], [size], len(ids)) == [expected]


@pytest.mark.parametrize("sampled", [False, True])
def test_no_result_of_a_search_repeats_one(sampled):
    sizes = tf.constant([1, 2, 3, 0])

    def step(tokens, state, constants):
        return tf.repeat(tf.constant([[0.0, 0.0, -9.0, -9.0, 2.0, 1.5]]), tf.shape(tokens)[0], axis=0), state

    choice = Sampling(tf.ones([4]), tf.range(4)) if sampled else Beam(3)
    found = search(
        step, tf.zeros([4, 1]), (), tf.fill([4], 12), choice, constraints=[no_repeat_ngram(sizes)], alpha=2.0
    )
    for row, size in enumerate([1, 2, 3]):
        for ids in found.ids.numpy()[row]:
            assert not repeats(ids[ids > 0].tolist(), size)
    best = [ids[ids > 0].tolist() for ids in found.ids.numpy()[:, 0]]
    assert repeats(best[3], 2)
    # Row 0 has three ids beside EOS, row 1 nine pairs of them.
    assert len(best[0]) <= 4
    assert len(best[1]) <= 11


def test_a_row_alone_equals_the_row_in_a_batch():
    ids = np.array(list(itertools.product([A, B], repeat=4)))[:, np.newaxis]
    sizes = [1, 2, 3, 4] * 4
    together = excluded(ids, sizes, 4)
    assert together == [excluded(ids[row : row + 1], sizes[row : row + 1], 4)[0] for row in range(16)]
