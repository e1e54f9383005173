"""All rules about masks, as pure functions. A mask is True where a position counts."""

import tensorflow as tf
from keras import ops

# Large and finite: exp() of it is exactly 0 and a row of nothing else stays finite.
MASKED_SCORE = -1e9


def valid_positions(ids, pad_id: int = 0):
    """bool [...] True where `ids` (int, any shape) is not padding."""
    return ops.not_equal(ids, pad_id)


def masked_softmax(scores, mask):
    """Softmax over the last axis, in float32, over valid positions only.

    Args:
        scores: [B, T, S], any float.
        mask: bool [B, S], or None.

    Returns:
        float32 [B, T, S]: sums to 1 over the valid positions and is exactly 0 elsewhere; all 0 in a
        row without any valid position.
    """
    # Not Keras's softmax, which warns of an axis of size 1: a source of one token is no mistake.
    scores = ops.cast(scores, "float32")
    if mask is None:
        return tf.nn.softmax(scores)
    mask = ops.expand_dims(mask, 1)
    weights = tf.nn.softmax(ops.where(mask, scores, MASKED_SCORE))
    return ops.where(mask, weights, 0.0)
