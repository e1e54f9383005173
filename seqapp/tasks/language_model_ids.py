"""Token ids of the texts of a language model."""

import tensorflow as tf

from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID
from seqapp.text.subwords import Subwords


def ids_within(subwords: Subwords, text: tf.Tensor, limit: int) -> tuple[tf.RaggedTensor, tf.Tensor]:
    """Ids of string[B], cut to `limit` tokens.

    Returns:
        int32 ragged [B, (T)], EOS last unless the text was cut, whose end is not there; and whether it was,
        bool[B].
    """
    ids, truncated = subwords.encode_within(text, limit)
    cut = tf.gather(truncated, ids.value_rowids())
    kept = ~(cut & tf.equal(ids.values, EOS_ID))
    return tf.ragged.boolean_mask(ids, ids.with_values(kept)), truncated


def with_begin(ids: tf.Tensor) -> tf.Tensor:
    """int32 [B, 1 + T], BOS first, of int32 [B, T]."""
    return tf.pad(ids, [[0, 0], [1, 0]], constant_values=BOS_ID)


def training_batch(ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Inputs, targets and sample weights of ids int32 [B, T]: BOS first, and 0.0 at padding."""
    return with_begin(ids[:, :-1]), ids, tf.cast(tf.not_equal(ids, PAD_ID), tf.float32)
