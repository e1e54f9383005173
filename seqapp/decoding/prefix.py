"""A forced beginning."""

import tensorflow as tf

from seqapp.decoding.choice import Chosen
from seqapp.decoding.hypotheses import NO_SCORE, is_real, possible
from seqapp.special_ids import EOS_ID, PAD_ID


def forced_ids(prefix: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """int32 [B, longest] of a prefix int32 [B, P]: its ids before the first PAD, then PAD."""
    begun = tf.math.cumprod(tf.cast(tf.not_equal(prefix, PAD_ID), tf.int32), axis=1)
    return tf.pad(tf.where(tf.equal(begun, 1), prefix, PAD_ID), [[0, 0], [0, longest]])[:, :longest]


def force(chosen: Chosen, tokens: tf.Tensor, own: tf.Tensor, totals: tf.Tensor) -> Chosen:
    """A choice in which every hypothesis goes on with its row's id, where it has one.

    Args:
        chosen: what holds where nothing is forced.
        tokens: int32 [B], PAD where nothing is forced.
        own: float32 [N, V], log-probabilities of the next id.
        totals: float32 [B, K], log-probabilities of the hypotheses so far.
    """
    rows, width = tf.unstack(tf.shape(totals))
    counted = tf.reshape(tf.gather(own, tf.repeat(tokens, width), batch_dims=1), [rows, width])
    tokens = tf.repeat(tokens[:, tf.newaxis], width, axis=1)
    ends = tf.equal(tokens, EOS_ID)
    forced = Chosen(
        ends,
        tf.repeat(tf.range(width)[tf.newaxis], rows, axis=0),
        tokens,
        tf.where(is_real(totals) & ~ends, totals + possible(counted), NO_SCORE),
    )
    return Chosen(*(tf.where(tf.equal(tokens, PAD_ID), *both) for both in zip(chosen, forced, strict=True)))
