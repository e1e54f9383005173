"""A forced prefix."""

import tensorflow as tf

from seqapp.decoding.choice import Chosen
from seqapp.decoding.hypotheses import NONE, forced, is_real
from seqapp.decoding.log_probabilities import LogProbabilities
from seqapp.special_ids import EOS_ID, PAD_ID


def forced_ids(prefix: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """int32 [B, longest] of a prefix int32 [B, P]: its ids before the first PAD, then PAD."""
    begun = tf.math.cumprod(tf.cast(tf.not_equal(prefix, PAD_ID), tf.int32), axis=1)
    return tf.pad(tf.where(tf.equal(begun, 1), prefix, PAD_ID), [[0, 0], [0, longest]])[:, :longest]


def force(chosen: Chosen, tokens: tf.Tensor, own: LogProbabilities, totals: tf.Tensor) -> Chosen:
    """Replaces a choice by the forced id in rows that have one.

    Args:
        chosen: the choice that stays where nothing is forced.
        tokens: int32 [B], PAD where nothing is forced.
        own: log-probabilities of the next id.
        totals: float32 [B, K], log-probabilities of the hypotheses so far.
    """
    rows, width = tf.unstack(tf.shape(totals))
    counted = tf.reshape(own.at(tf.repeat(tokens, width)[:, tf.newaxis]), [rows, width])
    tokens = tf.repeat(tokens[:, tf.newaxis], width, axis=1)
    ends = tf.equal(tokens, EOS_ID)
    continued = Chosen(
        ends,
        tf.repeat(tf.range(width)[tf.newaxis], rows, axis=0),
        tokens,
        tf.where(is_real(totals) & ~ends, totals + forced(counted), NONE),
    )
    free = tf.equal(tokens, PAD_ID)
    return Chosen(*(tf.where(free, *both) for both in zip(chosen, continued, strict=True)))
