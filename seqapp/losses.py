"""The loss over tokens."""

import seqapp.keras_backend  # before Keras

# isort: split
import keras
import tensorflow as tf

from seqapp.argument_checks import check_rates
from seqapp.errors import ConfigError

__all__ = ["TokenLoss"]

_REDUCTION = "mean_with_sample_weight"


@keras.saving.register_keras_serializable("seqapp")
class TokenLoss(keras.losses.Loss):
    """Cross-entropy over the vocabulary with label smoothing, a mean over the tokens that count.

    Which tokens count is data: sample weights of 1 and 0 come with the batch, and the sum is divided
    by their sum, so that padding changes nothing. With smoothing ε the wanted distribution is
    ``(1 - ε) · one_hot + ε / V`` (Szegedy et al. 2016, section 7).

    Args:
        label_smoothing: ε in [0, 1).
        name: of the loss.
        reduction: the one above; no other is possible.

    Raises:
        ConfigError: ε is out of its range, or another reduction is asked for.
    """

    def __init__(
        self, label_smoothing: float = 0.0, name: str = "token_loss", reduction: str = _REDUCTION
    ) -> None:
        check_rates(label_smoothing=label_smoothing)
        if reduction != _REDUCTION:
            raise ConfigError(f"reduction: TokenLoss has {_REDUCTION!r} only, got {reduction!r}")
        super().__init__(name=name, reduction=reduction)
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        """Args:
            y_true: int [B, T].
            y_pred: float [B, T, V], logits.

        Returns:
            float32 [B, T], natural logarithms.
        """
        targets = tf.cast(tf.reshape(y_true, [-1]), tf.int32)
        size = tf.shape(y_pred)[-1]
        logits = tf.reshape(tf.cast(y_pred, tf.float32), [-1, size])
        if self.label_smoothing:
            # Written out, the distribution goes through one kernel that gives loss and gradient: on a CPU
            # a third faster than the plain loss with a correction.
            rest = self.label_smoothing / tf.cast(size, tf.float32)
            wanted = tf.one_hot(targets, size, on_value=1.0 - self.label_smoothing + rest, off_value=rest)
            loss = tf.nn.softmax_cross_entropy_with_logits(wanted, logits)
        else:
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        return tf.reshape(loss, tf.shape(y_true))

    def get_config(self):
        return {"label_smoothing": self.label_smoothing, "name": self.name}


import seqapp.keras_classes  # noqa: E402, F401  last: it imports this module
