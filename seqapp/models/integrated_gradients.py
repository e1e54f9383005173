"""Which inputs a class score comes from."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.models.classifier import Classifier

STEPS = 16


class Attributions(NamedTuple):
    """Where a class score comes from.

    Fields:
        pieces: float32 [B, S], what each token adds through the network; 0 in padding.
        linear: float32 [B, C], how much the linear scores of each class count: the sum of both products
            is what they add.
    """

    pieces: tf.Tensor
    linear: tf.Tensor


def attributions(
    model: Classifier,
    ids: tf.Tensor,
    linear: tf.Tensor,
    classes: tf.Tensor,
    exclusive: bool,
    steps: int = STEPS,
) -> Attributions:
    """What each input adds to the log-odds of a class, by integrated gradients.

    The vectors of the tokens, and the linear scores, go from zero to what they are, in
    `steps` equal steps; the gradients on the way, averaged and multiplied by what they are gradients of,
    are each input's part of the difference between the log-odds of this text and of one of zeros. The
    parts sum to that difference, except for the error of the midpoint rule.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", equation 1.

    Args:
        model: a built classifier.
        ids: int32 [B, S], padded on the right.
        linear: float32 [B, C], class scores that are added to the network's.
        classes: int32 [B], the class of each text.
        exclusive: each text has one class (softmax); otherwise any number of them (sigmoid).
        steps: points on the way; more are more exact and take longer.
    """
    vectors, mask = model.embedding(ids)
    vectors = tf.cast(vectors, tf.float32)
    way = (tf.range(steps, dtype=tf.float32) + 0.5) / steps

    def points(values):
        shape = tf.shape(values)
        stacked = values[:, tf.newaxis] * tf.reshape(way, [1, steps] + [1] * (len(values.shape) - 1))
        return tf.reshape(stacked, tf.concat([[shape[0] * steps], shape[1:]], axis=0))

    def mean(gradients, like):
        shape = tf.concat([[tf.shape(like)[0], steps], tf.shape(like)[1:]], axis=0)
        return tf.reduce_mean(tf.reshape(tf.cast(gradients, tf.float32), shape), axis=1)

    inputs = points(vectors), points(linear)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        scores = model.scores(inputs[0], tf.repeat(mask, steps, axis=0)) + inputs[1]
        odds = log_odds(scores, tf.repeat(classes, steps), exclusive)
    of_vectors, of_linear = tape.gradient(odds, inputs)
    pieces = tf.reduce_sum(vectors * mean(of_vectors, vectors), axis=-1) * tf.cast(mask, tf.float32)
    return Attributions(pieces, mean(of_linear, linear))


def log_odds(scores: tf.Tensor, classes: tf.Tensor, exclusive: bool) -> tf.Tensor:
    """``log p / (1 - p)`` float32 [N] of one class each, of class scores float32 [N, C].

    Args:
        scores: before softmax (`exclusive`) or sigmoid.
        classes: int32 [N].
        exclusive: each text has one class.
    """
    chosen = tf.gather(scores, classes, batch_dims=1)
    if not exclusive:
        return chosen
    own = tf.one_hot(classes, tf.shape(scores)[1], on_value=True, off_value=False)
    return chosen - tf.reduce_logsumexp(tf.where(own, LARGE_NEGATIVE, scores), axis=1)
