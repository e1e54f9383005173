"""What a search may not choose."""

from collections.abc import Callable

import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID

# constraint(logits float32 [N, V], ids so far int32 [B, K, T], t int32) -> logits float32 [N, V]
Constraint = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def no_padding_or_begin(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
    """Bars PAD and BOS, which a model may find probable and no text holds."""
    return logits + tf.reduce_sum(_barred([PAD_ID, BOS_ID], logits), axis=0)


def minimum_length(lengths: tf.Tensor) -> Constraint:
    """Bars EOS until a row has its shortest length.

    Args:
        lengths: int32 [B], EOS included.
    """

    def bar(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        early = tf.repeat(t + 1 < lengths, tf.shape(ids)[1])
        return logits + tf.where(early[:, tf.newaxis], _barred(EOS_ID, logits), 0.0)

    return bar


def _barred(ids: int | list[int], logits: tf.Tensor) -> tf.Tensor:
    return tf.one_hot(ids, tf.shape(logits)[1], LARGE_NEGATIVE, 0.0)
