"""Pooling of a sequence to one context vector."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.argument_checks import check_choice
from seqapp.layers.masks import mask_or_all, masked_softmax, softmax_dtype

POOLINGS = ("last", "mean", "attention")


@keras.saving.register_keras_serializable("seqapp")
class ContextPooling(keras.layers.Layer):
    """Pools the output of an encoder to one vector per text.

    - ``last``: the summary of the encoder.
    - ``mean``: the mean of the memory over the valid positions.
    - ``attention``: a mean weighted by attention to a trained query vector v, ``softmax(vᵀ tanh(W m_s))``
      (Yang et al. 2016, "Hierarchical Attention Networks", equations 5 to 7).

    A text without any valid position gives a zero vector (for ``last``, the encoder's summary).

    Args:
        kind: one of `POOLINGS`.

    Raises:
        ConfigError: an unknown kind.
        ValueError: in the call, no summary for ``last``.
    """

    def __init__(self, kind: str = "attention", **kwargs) -> None:
        super().__init__(**kwargs)
        check_choice("kind", kind, POOLINGS)
        self.kind = kind
        self.supports_masking = True

    def build(self, memory_shape, summary_shape=None) -> None:
        """Args: memory_shape: [B, S, H]; summary_shape: [B, C] or None."""
        if self.kind == "attention":
            units = memory_shape[-1]
            self.projection = keras.layers.Dense(
                units, activation="tanh", dtype=self.dtype_policy, name="projection"
            )
            self.projection.build(memory_shape)
            self.query = self.add_weight(name="query", shape=(units,), initializer="random_normal")
        self.built = True

    def call(self, memory, summary=None, mask=None, memory_mask=None):
        """Context and the weight of each position in it.

        Args:
            memory: [B, S, H].
            summary: [B, C]; needed for ``last`` only.
            mask: bool [B, S], True where a position counts; None for the Keras mask of `memory`, or for all.
            memory_mask: the Keras mask of `memory`, filled in by Keras where a summary is given.

        Returns:
            context [B, H] ([B, C] for ``last``) and weights [B, S], float32 or float64: each row sums to 1,
            or to 0 without valid positions; for ``last`` all are 0.
        """
        self._check_summary(summary)
        memory = ops.cast(memory, self.compute_dtype)
        mask = mask_or_all(memory_mask if mask is None else mask, memory)
        scores = tf.zeros(tf.shape(mask), softmax_dtype(self.compute_dtype))
        if self.kind == "last":
            return ops.cast(summary, self.compute_dtype), scores
        if self.kind == "attention":
            query = tf.cast(tf.convert_to_tensor(self.query), self.compute_dtype)
            scores = tf.linalg.matvec(self.projection(memory), query)
        weights = masked_softmax(scores[:, tf.newaxis, :], mask)
        context = tf.matmul(tf.cast(weights, self.compute_dtype), memory)
        return context[:, 0, :], weights[:, 0, :]

    def compute_mask(self, inputs, previous_mask=None):
        """None: a context has no positions; a mask carried on would reach the loss."""
        return None

    def compute_output_shape(self, memory_shape, summary_shape=None):
        context = summary_shape if self.kind == "last" else (memory_shape[0], memory_shape[-1])
        return tuple(context), tuple(memory_shape[:2])

    def compute_output_spec(self, memory, summary=None, mask=None, memory_mask=None):
        self._check_summary(summary)
        shapes = self.compute_output_shape(memory.shape, None if summary is None else summary.shape)
        return (
            keras.KerasTensor(shapes[0], self.compute_dtype),
            keras.KerasTensor(shapes[1], softmax_dtype(self.compute_dtype)),
        )

    def _check_summary(self, summary) -> None:
        if self.kind == "last" and summary is None:
            raise ValueError("summary: expected the encoder's summary for kind='last', got None")

    def get_config(self):
        return {**super().get_config(), "kind": self.kind}
