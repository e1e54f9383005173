import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.truncation import truncated, truncates

# Not in the order of their probability.
PROBABILITIES = [0.125, 0.5, 0.125, 0.25]


def kept(top_k, top_p, probabilities=PROBABILITIES):
    logits = tf.math.log(tf.constant([probabilities]))
    found = truncated(logits, tf.constant([top_k]), tf.constant([top_p])).numpy()[0]
    np.testing.assert_array_equal(found[found > -np.inf], logits.numpy()[0][found > -np.inf])
    return np.flatnonzero(found > -np.inf).tolist()


@pytest.mark.parametrize(
    ("top_k", "expected"),
    [
        (1, [1]),
        (2, [1, 3]),
        (3, [0, 1, 2, 3]),  # the last two are equally probable
        *((size, [0, 1, 2, 3]) for size in (4, 5, 2**31 - 1, 0, -1, -(2**31))),
    ],
)
def test_top_k_by_hand(top_k, expected):
    assert kept(top_k, 1.0) == expected


@pytest.mark.parametrize(
    ("top_p", "expected"),
    [
        (1e-30, [1]),
        (0.5, [1]),  # 0.5 alone is enough
        (0.51, [1, 3]),
        (0.75, [1, 3]),
        (0.8, [0, 1, 2, 3]),
        *((share, [0, 1, 2, 3]) for share in (1.0, 0.0, -1.0, 7.0, np.nan, np.inf, -np.inf)),
    ],
)
def test_top_p_by_hand(top_p, expected):
    assert kept(0, top_p) == expected


def test_top_p_is_a_share_of_the_top_k():
    # Of 0.5 and 0.25 the first has 2/3.
    assert kept(2, 0.6) == [1]
    assert kept(2, 0.7) == [1, 3]
    assert kept(0, 0.6) == [1, 3]


def test_excluded_ids_stay_excluded():
    assert kept(3, 1.0, [0.0, 0.75, 0.0, 0.25]) == [1, 3]
    assert kept(0, 0.9, [0.0, 0.0, 0.0, 0.0]) == []


def test_a_neutral_row_beside_others_stays_as_it_is():
    logits = tf.constant(np.random.default_rng(1).normal(size=(3, 50)), tf.float32)
    found = truncated(logits, tf.constant([0, 3, 0]), tf.constant([1.0, 1.0, 0.5]))
    np.testing.assert_array_equal(found[0], logits[0])
    alone = truncated(logits[1:2], tf.constant([3]), tf.constant([1.0]))
    np.testing.assert_array_equal(found[1], alone[0])


@pytest.mark.parametrize(
    ("top_k", "top_p", "expected"),
    [(0, 1.0, False), (-1, np.nan, False), (0, 0.0, False), (1, 1.0, True), (0, 0.9, True)],
)
def test_whether_some_row_is_truncated(top_k, top_p, expected):
    assert bool(truncates(tf.constant([0, top_k]), tf.constant([1.0, top_p]))) is expected
