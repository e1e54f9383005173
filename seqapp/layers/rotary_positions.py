"""Rotary position embeddings."""

import numpy as np
import tensorflow as tf
from keras import ops

from seqapp.layers.masks import at_least_float32


def rotated(x, positions):
    """Rotary position embedding: vectors rotated by angles that are multiples of their positions.

    The product of two of them depends on the distance of their positions only. The columns i and
    i + D/2 are a pair, rotated by the angle ``p / 10000^(2i/D)``.

    Source: Su et al. 2021, "RoFormer: Enhanced Transformer with Rotary Position Embedding", section 3.2.

    Args:
        x: [..., D], D even.
        positions: int32, broadcasts to [...].

    Returns:
        [..., D] in the type of `x`, computed in float32 at least.
    """
    wide = at_least_float32(x)
    half = x.shape[-1] // 2
    rates = 10000.0 ** (-np.arange(half) / half)
    angles = tf.cast(positions, wide.dtype)[..., tf.newaxis] * tf.constant(rates, wide.dtype)
    sine, cosine = tf.sin(angles), tf.cos(angles)
    first, second = wide[..., :half], wide[..., half:]
    turned = tf.concat([first * cosine - second * sine, first * sine + second * cosine], axis=-1)
    return ops.cast(turned, x.dtype)
