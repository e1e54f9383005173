"""Random seeds of batches."""

import tensorflow as tf

_STREAMS_APART = 2**44


def batch_seed(seed: int, epoch: tf.Tensor, first: tf.Tensor, stream: int = 0) -> tf.Tensor:
    """Return a seed int64 [2] for `tf.random.stateless_uniform`, the same in every run.

    Args:
        seed: random seed of the training.
        epoch: int64 [].
        first: index of the batch's first row, int64 [].
        stream: number of the random choice, so that two choices for a batch are independent.
    """
    place = epoch * 1_000_003 + first + stream * _STREAMS_APART
    return tf.stack([tf.constant(seed, tf.int64), place])
