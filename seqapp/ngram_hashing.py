"""Rows of a shared table for n-grams: too many to have one each, so they share by a hash."""

import tensorflow as tf

_PRIME = 1_000_003


def ngram_rows(symbols: tf.Tensor, longest: int, buckets: int) -> list[tf.Tensor]:
    """Rows of the n-grams of 1, 2, … `longest` symbols that end at each position.

    An n-gram that would begin before the sequence counts what is missing as 0. The hash is polynomial,
    modulo a multiple of `buckets` by a prime, so that neighbouring symbols do not share rows.

    Args:
        symbols: int [B, S], ids or code points; padding may be negative.
        longest: n of the longest n-gram.
        buckets: rows of the table.

    Returns:
        int32 [B, S] in [0, buckets), one for each n.
    """
    symbols = tf.cast(symbols, tf.int64)
    hashed, rows = tf.zeros_like(symbols), []
    for back in range(longest):
        earlier = tf.pad(symbols, [[0, 0], [back, 0]])[:, : tf.shape(symbols)[1]]
        hashed = tf.math.floormod(hashed * _PRIME + earlier + 1 + back, buckets * _PRIME)
        rows.append(tf.cast(tf.math.floormod(hashed, buckets), tf.int32))
    return rows
