"""A constraint that keeps two spaces from following each other."""

import numpy as np
import tensorflow as tf

from seqapp.decoding.constraints import Constraint
from seqapp.large_negative import LARGE_NEGATIVE


def single_spaces(begins: np.ndarray, ends: np.ndarray) -> Constraint:
    """Excludes ids that begin with a space after an id that ends in one; normalised text has no two.

    Args:
        begins: bool [V], ids whose text begins with a space.
        ends: bool [V], ids whose text ends in one.
    """
    penalties = tf.constant(np.where(begins, LARGE_NEGATIVE, 0.0).astype(np.float32))
    ends_in_space = tf.constant(ends.astype(np.float32))

    def constraint(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        # Before the first id stands PAD, which has no text.
        last = tf.gather(tf.pad(ids, [[0, 0], [0, 0], [1, 0]]), t, axis=2)
        after_space = tf.gather(ends_in_space, tf.reshape(last, [-1, 1]))
        return logits + after_space * penalties

    return constraint
