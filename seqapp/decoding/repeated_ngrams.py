"""A constraint against repeated n-grams."""

import tensorflow as tf

from seqapp.decoding.constraints import Constraint
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.search_options import LONGEST_NGRAM


def no_repeat_ngram(sizes: tf.Tensor) -> Constraint:
    """Excludes ids that would complete an n-gram that the hypothesis already holds.

    Source: Paulus, Xiong and Socher 2018, "A Deep Reinforced Model for Abstractive Summarization",
    section 2.5 (trigrams).

    Args:
        sizes: int32 [B], n of each row, at most `LONGEST_NGRAM`, and taken as that above it; 0 or less
            excludes nothing.
    """
    sizes = tf.minimum(sizes, LONGEST_NGRAM)
    wanted = tf.reduce_any(sizes > 0)

    def constraint(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        return tf.cond(wanted, lambda: _without_completions(logits, ids, t, sizes), lambda: logits)

    return constraint


def _without_completions(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor, sizes: tf.Tensor) -> tf.Tensor:
    width = tf.shape(ids, tf.int64)[1]
    found = tf.where(_ends_like_the_last(ids, t, sizes))  # [matches, 3]: row, hypothesis, position
    hypotheses = tf.cast(found[:, 0] * width + found[:, 1], tf.int32)
    indices = tf.stack([hypotheses, tf.gather_nd(ids, found)], axis=1)
    excluded = tf.fill(tf.shape(hypotheses), tf.constant(LARGE_NEGATIVE, logits.dtype))
    return tf.tensor_scatter_nd_update(logits, indices, excluded)


def _ends_like_the_last(ids: tf.Tensor, t: tf.Tensor, sizes: tf.Tensor) -> tf.Tensor:
    """bool [B, K, T]: positions before t whose n - 1 previous ids equal the last n - 1 ids."""
    most = LONGEST_NGRAM - 1
    length = tf.shape(ids)[2]
    padded = tf.pad(ids, [[0, 0], [0, 0], [most, 0]], constant_values=-1)
    # Of each position the `most` ids before it, the nearest first. Positions before t have fewer than t
    # ids before them, so padding is never compared with padding within n - 1 ids.
    offsets = tf.range(most - 1, -1, -1)
    before = tf.gather(padded, tf.range(length)[:, tf.newaxis] + offsets, axis=2)
    last = tf.gather(padded, t + offsets, axis=2)
    beyond = tf.range(most) >= sizes[:, tf.newaxis] - 1
    same = tf.equal(before, last[:, :, tf.newaxis]) | beyond[:, tf.newaxis, tf.newaxis]
    possible = (tf.range(length) < t) & (sizes[:, tf.newaxis] > 0)
    return tf.reduce_all(same, axis=3) & possible[:, tf.newaxis]
