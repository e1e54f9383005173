"""Cross-entropy with label smoothing."""

import math

import seqapp.keras_backend  # before Keras

# isort: split
import keras
import tensorflow as tf

from seqapp.argument_checks import check_rates

__all__ = ["TokenLoss"]


@keras.saving.register_keras_serializable("seqapp")
class TokenLoss(keras.losses.Loss):
    """Cross-entropy between integer labels and logits, with label smoothing.

    With smoothing ε the target distribution is ``(1 - ε) · one_hot + ε / V`` (Szegedy et al. 2016,
    "Rethinking the Inception Architecture", section 7); with ε = 0 the loss is that of
    `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.

    By default the sum is divided by the sum of the sample weights, so that weights of 1 and 0 leave padding
    out of the mean.

    Args:
        label_smoothing: ε in [0, 1).
        name: name of the loss.
        reduction: as `keras.losses.Loss`; the default there is ``sum_over_batch_size``.
        dtype: as `keras.losses.Loss`. Half-precision types are computed in float32, and the result is cast.

    Raises:
        ConfigError: ε is out of its range.
        ValueError: an unknown reduction; in the call, shapes that do not match.
        tf.errors.InvalidArgumentError: in the call, a label outside [0, V). Under XLA, and without smoothing
            on a GPU, the loss of that label is NaN instead.
    """

    def __init__(
        self,
        label_smoothing: float = 0.0,
        name: str = "token_loss",
        reduction: str | None = "mean_with_sample_weight",
        dtype=None,
    ) -> None:
        check_rates(label_smoothing=label_smoothing)
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.label_smoothing = label_smoothing

    def call(self, y_true, y_pred):
        """Args:
            y_true: labels [...] or [..., 1] of any numeric type.
            y_pred: float [..., V], logits.

        Returns:
            [...], natural logarithms, float64 for float64 logits, else float32.
        """
        y_true, y_pred = tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred)
        logits = y_pred if y_pred.dtype == tf.float64 else tf.cast(y_pred, tf.float32)
        labels = _labels(y_true, logits)
        if self.label_smoothing:
            return _smoothed_cross_entropy(labels, logits, self.label_smoothing)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)

    def get_config(self):
        return {**super().get_config(), "label_smoothing": self.label_smoothing, "dtype": self.dtype}


def _labels(y_true, logits):
    """Labels int32 [...] for logits [..., V]. Raises `ValueError` where the shapes do not match."""
    if y_true.shape.rank == logits.shape.rank and y_true.shape[-1] == 1:
        y_true = tf.squeeze(y_true, axis=-1)
    if not y_true.shape.is_compatible_with(logits.shape[:-1]):
        raise ValueError(
            "y_true: expected the shape of y_pred without its last axis, "
            f"got y_true {y_true.shape} and y_pred {logits.shape}"
        )
    return tf.cast(y_true, tf.int32)


def _smoothed_cross_entropy(labels, logits, smoothing: float):
    size = tf.shape(logits)[-1]
    # One-hot rows of a label outside have no 1 and would cost something ordinary.
    valid = (labels >= 0) & (labels < size)
    message = ["y_true: expected labels in [0, V), got V and labels:", size, labels]
    tf.debugging.Assert(tf.reduce_all(valid), message)
    rest = smoothing / tf.cast(size, logits.dtype)
    # Written out, the distribution goes through one kernel that gives loss and gradient: on a CPU
    # a third faster than the plain loss with a correction.
    flat = tf.reshape(labels, [-1])
    targets = tf.one_hot(flat, size, on_value=1.0 - smoothing + rest, off_value=rest, dtype=logits.dtype)
    loss = tf.nn.softmax_cross_entropy_with_logits(targets, tf.reshape(logits, [-1, size]))
    loss = tf.reshape(loss, tf.shape(labels))
    # A factor, so that the gradient is NaN as well where assertions are compiled away.
    return loss * tf.where(valid, tf.cast(1.0, loss.dtype), math.nan)


import seqapp.keras_classes  # noqa: E402, F401  last: it imports this module
