"""Attribution of class scores to tokens, by integrated gradients."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.models.classifier import Classifier

STEPS = 16


class Attributions(NamedTuple):
    """Contributions to the log-odds of a class.

    Fields:
        tokens: float32 [B, S], contribution of each token through the network; 0 in padding.
        linear: float32 [B, C], weight of the linear score of each class; the contribution is the sum over
            the classes of weight times linear score.
    """

    tokens: tf.Tensor
    linear: tf.Tensor


def attributions(
    model: Classifier,
    ids: tf.Tensor,
    linear: tf.Tensor,
    classes: tf.Tensor,
    exclusive: bool,
    steps: int = STEPS,
    network_weight: tf.Tensor | float = 1.0,
) -> Attributions:
    """Contributions of tokens and linear scores to the log-odds of a class, by integrated gradients.

    Token vectors and linear scores are scaled from zero to their values in `steps` equal steps. The
    gradients along this path, averaged and multiplied by the values, are each input's contribution to the
    difference between the log-odds of this text and those of an all-zero input. The contributions sum to
    that difference, up to the error of the midpoint rule.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", equation 1.

    Args:
        model: a built classifier.
        ids: int32 [B, S], padded on the right.
        linear: float32 [B, C], class scores that are added to those of the network.
        classes: int32 [B], the class of each text.
        exclusive: single-label (softmax); otherwise multi-label (sigmoid).
        steps: points on the path; more are more exact and take longer.
        network_weight: factor of the network's class scores.
    """
    vectors, mask = model.embedding(ids)
    vectors = tf.cast(vectors, tf.float32)
    path = (tf.range(steps, dtype=tf.float32) + 0.5) / steps

    def points(values):
        shape = tf.shape(values)
        stacked = values[:, tf.newaxis] * tf.reshape(path, [1, steps] + [1] * (len(values.shape) - 1))
        return tf.reshape(stacked, tf.concat([[shape[0] * steps], shape[1:]], axis=0))

    def mean(gradients, like):
        shape = tf.concat([[tf.shape(like)[0], steps], tf.shape(like)[1:]], axis=0)
        return tf.reduce_mean(tf.reshape(tf.cast(gradients, tf.float32), shape), axis=1)

    inputs = points(vectors), points(linear)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        network = model.scores(inputs[0], tf.repeat(mask, steps, axis=0))
        scores = network_weight * network + inputs[1]
        odds = log_odds(scores, tf.repeat(classes, steps), exclusive)
    of_vectors, of_linear = tape.gradient(odds, inputs)
    tokens = tf.reduce_sum(vectors * mean(of_vectors, vectors), axis=-1) * tf.cast(mask, tf.float32)
    return Attributions(tokens, mean(of_linear, linear))


def log_odds(scores: tf.Tensor, classes: tf.Tensor, exclusive: bool) -> tf.Tensor:
    """Log-odds ``log p / (1 - p)`` float32 [N] of one class per row of class scores float32 [N, C].

    Args:
        scores: before softmax (`exclusive`) or sigmoid.
        classes: int32 [N].
        exclusive: single-label.
    """
    chosen = tf.gather(scores, classes, batch_dims=1)
    if not exclusive:
        return chosen
    own = tf.one_hot(classes, tf.shape(scores)[1], on_value=True, off_value=False)
    return chosen - tf.reduce_logsumexp(tf.where(own, scores.dtype.min, scores), axis=1)
