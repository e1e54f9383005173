"""Log-probabilities of given tokens, with the logits of a part of the positions at a time."""

from collections.abc import Callable

import tensorflow as tf

_MOST_LOGITS = 2**24  # of one slice: 64 MiB


def sliced_log_probabilities(
    logits: Callable[[tf.Tensor], tf.Tensor],
    vectors: tf.Tensor,
    targets: tf.Tensor,
    vocabulary_size: int,
    most_logits: int = _MOST_LOGITS,
) -> tf.Tensor:
    """Log-softmax of the logits of each vector at its target, sliced so that memory stays bounded.

    Args:
        logits: vectors [n, units] → float32 [n, V].
        vectors: [N, units].
        targets: int32 [N].
        vocabulary_size: V.
        most_logits: n · V of a slice at most, and at least one vector.

    Returns:
        float32 [N].
    """
    rows = max(1, most_logits // vocabulary_size)
    count = tf.shape(targets)[0]
    slices = -(-count // rows)

    def one(number: tf.Tensor, found: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        begin, end = number * rows, tf.minimum((number + 1) * rows, count)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            targets[begin:end], logits(vectors[begin:end])
        )
        return number + 1, found.write(number, -losses)

    found = tf.TensorArray(tf.float32, slices, infer_shape=False, element_shape=[None])
    _, found = tf.while_loop(
        lambda number, found: number < slices, one, (tf.constant(0), found), parallel_iterations=1
    )
    return found.concat()
