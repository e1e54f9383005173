"""Constraints that exclude ids from a search."""

from collections.abc import Callable

import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID

# constraint(logits float32 [N, V], ids so far int32 [B, K, T], t int32) -> logits float32 [N, V]
Constraint = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def no_padding_or_begin(logits: tf.Tensor) -> tf.Tensor:
    """Logits float32 [N, V] without PAD and BOS, which no text contains."""
    return logits + tf.reduce_sum(_excluded([PAD_ID, BOS_ID], logits), axis=0)


def minimum_length(lengths: tf.Tensor) -> Constraint:
    """Excludes EOS until a row has its minimum length.

    Args:
        lengths: int32 [B], EOS included.
    """

    def constraint(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        early = tf.repeat(t + 1 < lengths, tf.shape(ids)[1])
        return logits + tf.where(early[:, tf.newaxis], _excluded(EOS_ID, logits), 0.0)

    return constraint


def _excluded(ids: int | list[int], logits: tf.Tensor) -> tf.Tensor:
    return tf.one_hot(ids, tf.shape(logits)[1], LARGE_NEGATIVE, 0.0)
