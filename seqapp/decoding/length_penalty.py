"""The length penalty of a search."""

import tensorflow as tf


def length_penalty(length: tf.Tensor, alpha: float | tf.Tensor) -> tf.Tensor:
    """``lp(Y) = ((5 + |Y|) / 6) ** alpha``; a hypothesis scores log P(Y) / lp(Y).

    Source: Wu et al. 2016, "Google's Neural Machine Translation System", equation 14.

    Args:
        length: int, any shape; number of ids of the hypothesis, EOS included.
        alpha: 0 compares plain log-probabilities; larger values favour longer text. A number, or
            float32 of a shape that broadcasts with `length`.

    Returns:
        float32 of the common shape.
    """
    return ((5.0 + tf.cast(length, tf.float32)) / 6.0) ** alpha
