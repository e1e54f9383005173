"""All rules about masks, as pure functions. A mask is True, or not 0, where a position counts."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.special_ids import PAD_ID

# TensorFlow's CPU kernel (oneDNN) refuses more.
_MOST_SOFTMAX_AXES = 5


def mask_or_all(mask, x):
    """The mask of x [B, S, …] as bool [B, S]; True everywhere where `mask` is None.

    Args:
        mask: [B, S], bool or a number that is 0 where a position does not count; or None.
        x: any tensor that begins with [B, S].
    """
    if mask is None:
        return ops.ones(ops.shape(x)[:2], "bool")
    return ops.cast(mask, "bool")


def valid_positions(ids):
    """bool [...] True where `ids` (int, any shape) is not padding."""
    return ops.not_equal(ids, PAD_ID)


def masked_softmax(scores, mask):
    """Softmax over the last axis over valid positions only.

    Args:
        scores: [B, T, S], any float.
        mask: bool or 0/1, [B, S], or [B, T, S] for a mask of its own per row of scores; or None.

    Returns:
        float32 (float64 of float64 scores) [B, T, S]: sums to 1 over the valid positions and is exactly 0
        elsewhere; all 0 in a row without any valid position.

    Raises:
        ValueError: the mask has another rank.
    """
    if mask is None:
        return tf.nn.softmax(at_least_float32(scores))
    mask = ops.cast(mask, "bool")
    if len(mask.shape) not in (2, 3):
        raise ValueError(f"mask: expected the shape [B, S] or [B, T, S], got {tuple(mask.shape)}")
    return softmax_where(scores, mask if len(mask.shape) == 3 else ops.expand_dims(mask, 1))


def softmax_where(scores, allowed):
    """Softmax over the last axis over allowed places only.

    Args:
        scores: any float, any shape.
        allowed: bool, broadcasts to that shape; a row of it may allow nothing.

    Returns:
        float32 (float64 of float64 scores) like `scores`: exactly 0 where not allowed; a row sums to 1,
        or to 0 without any allowed place.
    """
    # Below any score, and finite, so that a row without an allowed place has no NaN, nor its gradient.
    # Not Keras's softmax, which warns of an axis of size 1: a source of one token is valid.
    scores = at_least_float32(scores)
    masked = ops.where(allowed, scores, scores.dtype.min)
    if len(masked.shape) <= _MOST_SOFTMAX_AXES:
        weights = tf.nn.softmax(masked)
    else:
        rows = tf.nn.softmax(ops.reshape(masked, (-1, ops.shape(masked)[-1])))
        weights = ops.reshape(rows, ops.shape(masked))
    return ops.where(allowed, weights, 0.0)


def self_attention_mask(mask, causal: bool = False):
    """Where each position of a sequence may look in the same sequence.

    Args:
        mask: bool or 0/1 [B, S].
        causal: nowhere to the right of the position itself.

    Returns:
        bool [B, 1, S], the same for all positions; with `causal` [B, S, S].
    """
    mask = ops.expand_dims(ops.cast(mask, "bool"), 1)
    if not causal:
        return mask
    place = tf.range(ops.shape(mask)[2])
    return tf.logical_and(mask, place <= place[:, tf.newaxis])


def at_least_float32(x):
    """`x` in float64 if it is float64, else in float32."""
    return ops.cast(x, softmax_dtype(x.dtype))


def softmax_dtype(dtype) -> str:
    """Type of the softmax of scores of a type: float64 of float64, else float32."""
    return "float64" if keras.backend.standardize_dtype(dtype) == "float64" else "float32"


def masked_mean(x, mask):
    """Mean of x [B, S, H] over the valid positions of mask [B, S], bool or 0/1; over all if it is None.

    Returns:
        [B, H] in the type of `x`, summed in float32 at least; 0 in a row without any valid position.
    """
    dtype = softmax_dtype(x.dtype)
    if mask is None:
        return ops.cast(ops.mean(ops.cast(x, dtype), axis=1), x.dtype)
    keep = ops.expand_dims(ops.cast(mask, "bool"), 2)
    total = ops.sum(ops.where(keep, ops.cast(x, dtype), 0.0), axis=1)
    count = ops.sum(ops.cast(keep, dtype), axis=1)
    return ops.cast(total / ops.maximum(count, 1.0), x.dtype)


def last_valid(x, mask):
    """x [B, S, H] at the last valid position of mask [B, S], bool or 0/1, padding on the right.

    Returns:
        [B, H]; the first position in a row without any valid one, the last position if the mask is None.
    """
    if mask is None:
        return x[:, -1]
    index = ops.sum(ops.cast(ops.cast(mask, "bool"), "int32"), axis=1) - 1
    return tf.gather(x, ops.maximum(index, 0), axis=1, batch_dims=1)
