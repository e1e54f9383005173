"""R-Drop: consistency of two forward passes with different dropout."""

import keras
import tensorflow as tf


class RDrop(keras.Model):
    """A translator that is trained on each row twice, with different dropout masks.

    The divergence between the two output distributions is added to the cross-entropy:
    ½ (CE₁ + CE₂) + α/2 · ½ (KL(P₁‖P₂) + KL(P₂‖P₁)) per target token, half of the paper's loss. Without
    `training` it computes what the translator computes.

    Source: Wu et al. 2021, "R-Drop: Regularized Dropout for Neural Networks", section 2.

    Args:
        translator: the network, `Translator` or a model around it.
        coefficient: α.
    """

    def __init__(self, translator: keras.Model, coefficient: float) -> None:
        super().__init__(autocast=False, name="r_drop")
        self.translator = translator
        self.coefficient = coefficient

    def call(self, inputs, training=False):
        """Args:
            inputs: same as `Translator.call`, B rows.

        Returns:
            Logits float32 [B, T, V]; in training [2B, T, V], the second pass after the first.
        """
        if training:
            inputs = {name: _twice(ids) for name, ids in inputs.items()}
        return self.translator(inputs, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """See `keras.Model.compute_loss`."""
        if not training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        weights = tf.cast(sample_weight, tf.float32)
        divergence = symmetric_divergence(*tf.split(y_pred, 2))
        mean = tf.math.divide_no_nan(tf.reduce_sum(divergence * weights), tf.reduce_sum(weights))
        loss = super().compute_loss(x, _twice(y), y_pred, _twice(sample_weight), training)
        return loss + self.coefficient / 2 * mean

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """See `keras.Model.compute_metrics`: those of the first pass."""
        return super().compute_metrics(x, y, y_pred[: tf.shape(y)[0]], sample_weight)


def _twice(tensor):
    return tf.concat([tensor, tensor], axis=0)


@tf.custom_gradient
def symmetric_divergence(first, second):
    """Return ½ (KL(P‖Q) + KL(Q‖P)) of two softmax distributions.

    The gradient is written out: automatic differentiation would go several more times over the vocabulary.

    Args:
        first, second: logits float32 [..., V] of P and Q.

    Returns:
        float32 [...].
    """
    log_p, log_q = tf.nn.log_softmax(first), tf.nn.log_softmax(second)
    p, q, difference = tf.exp(log_p), tf.exp(log_q), log_p - log_q
    forward = tf.reduce_sum(p * difference, axis=-1, keepdims=True)
    backward = -tf.reduce_sum(q * difference, axis=-1, keepdims=True)

    def gradient(upstream):
        factor = 0.5 * upstream[..., tf.newaxis]
        moved = p - q
        return (
            factor * (p * (difference - forward) + moved),
            factor * (-q * (difference + backward) - moved),
        )

    return 0.5 * (forward + backward)[..., 0], gradient
