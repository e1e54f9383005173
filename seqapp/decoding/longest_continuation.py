"""A constraint that ends results so many ids after given text."""

import tensorflow as tf

from seqapp.decoding.constraints import Constraint
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.special_ids import EOS_ID


def longest_continuation(sizes: tf.Tensor, longest: tf.Tensor, lengths: tf.Tensor) -> Constraint:
    """Excludes all ids but EOS where a hypothesis has its given text, and as many further ids as it may have.

    Args:
        sizes: int32 [B], bytes of the text that each hypothesis begins with, see `starts_with`.
        longest: int32 [B], at least 1, ids after those of this text, EOS included.
        lengths: int32 [V], bytes of each id.
    """
    lengths = tf.convert_to_tensor(lengths)

    def constraint(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        spelt = tf.cumsum(tf.gather(lengths, ids), axis=2, exclusive=True)
        before = tf.range(tf.shape(ids)[2]) < t
        given = tf.cast(before & (spelt < sizes[:, tf.newaxis, tf.newaxis]), tf.int32)
        # PAD, which has no bytes, follows the ids so far.
        complete = spelt[:, :, -1] + tf.gather(lengths, ids[:, :, -1]) >= sizes[:, tf.newaxis]
        ends = complete & (t - tf.reduce_sum(given, axis=2) >= longest[:, tf.newaxis] - 1)
        is_eos = tf.equal(tf.range(tf.shape(logits)[1]), EOS_ID)
        return tf.where(tf.reshape(ends, [-1, 1]) & ~is_eos, LARGE_NEGATIVE, logits)

    return constraint
