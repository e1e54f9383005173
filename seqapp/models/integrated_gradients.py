"""Which inputs a class score comes from."""

import tensorflow as tf

from seqapp.models.classifier import Classifier

STEPS = 16


def attributions(model: Classifier, ids: tf.Tensor, classes: tf.Tensor, steps: int = STEPS) -> tf.Tensor:
    """What each piece adds to the log-odds of a class, by integrated gradients.

    The vectors of the pieces go from zero to what they are, in `steps` equal steps; the gradients on the
    way, averaged and multiplied by the vectors, are each piece's part of the difference between the
    log-odds of this text and of a text of zero vectors. The parts sum to that difference, but for the
    error of the midpoint rule.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", equation 1.

    Args:
        model: a built classifier.
        ids: int32 [B, S], padded on the right.
        classes: int32 [B], the class of each text.
        steps: points on the way; more are more exact and take longer.

    Returns:
        float32 [B, S]; 0 in padding.
    """
    vectors = tf.cast(model.embedding(ids), tf.float32)
    mask = tf.not_equal(ids, 0)
    shape = tf.shape(vectors)
    way = (tf.range(steps, dtype=tf.float32) + 0.5) / steps
    points = vectors[:, tf.newaxis] * way[:, tf.newaxis, tf.newaxis]
    points = tf.reshape(points, [shape[0] * steps, shape[1], vectors.shape[-1]])
    with tf.GradientTape() as tape:
        tape.watch(points)
        scores = model.scores(points, tf.repeat(mask, steps, axis=0))
        odds = log_odds(scores, tf.repeat(classes, steps), model.exclusive)
    gradients = tf.cast(tape.gradient(odds, points), tf.float32)
    mean = tf.reduce_mean(tf.reshape(gradients, [shape[0], steps, shape[1], vectors.shape[-1]]), axis=1)
    return tf.reduce_sum(vectors * mean, axis=-1) * tf.cast(mask, tf.float32)


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
    # A large finite negative, as everywhere: exp() of it is 0.
    return chosen - tf.reduce_logsumexp(tf.where(own, -1e9, scores), axis=1)
