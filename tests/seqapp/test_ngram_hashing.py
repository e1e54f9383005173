import numpy as np
import tensorflow as tf

from seqapp.ngram_hashing import ngram_rows


def test_by_hand():
    # n = 1: (symbol + 1) mod (10 · 1000003) mod 10; n = 2: ((symbol + 1) · 1000003 + earlier + 2) alike.
    single, pair = (rows.numpy().tolist() for rows in ngram_rows(tf.constant([[3, 4]]), 2, 10))
    assert single == [[4, 5]]
    assert pair == [[(4 * 1_000_003 + 0 + 2) % 10, (5 * 1_000_003 + 3 + 2) % 10]]


def test_an_ngram_is_the_same_wherever_it_stands_and_differs_by_order():
    _, pairs, triples = (
        rows.numpy()[0] for rows in ngram_rows(tf.constant([[5, 6, 7, 9, 5, 6, 7, 6]]), 3, 1000)
    )
    assert pairs[1] == pairs[5]
    assert triples[2] == triples[6]
    assert pairs[7] not in {pairs[2], pairs[6]}  # 7 6 and 6 7
    assert set(pairs) | set(triples) <= set(range(1000))


def test_rows_are_used_evenly():
    ids = np.random.default_rng(1).integers(4, 4000, size=(1, 64 * 100))
    counts = np.bincount(ngram_rows(tf.constant(ids), 2, 64)[1].numpy()[0], minlength=64)
    assert counts.min() > 50
    assert counts.max() < 160
