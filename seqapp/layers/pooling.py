"""From a memory to one context vector."""

import keras
import tensorflow as tf

from seqapp.argument_checks import check_choice
from seqapp.layers.masks import masked_softmax

POOLINGS = ("last", "mean", "attention")


@keras.saving.register_keras_serializable("seqapp")
class ContextPooling(keras.layers.Layer):
    """One vector for a text, from the vectors of its positions.

    - ``last``: the summary of the encoder.
    - ``mean``: the mean of the memory over the positions that count.
    - ``attention``: a mean weighted by what a query vector learns to look for, ``softmax(vᵀ tanh(W m_s))``
      (Yang et al. 2016, equations 5 to 7).

    A text without any position gives a zero vector (of ``last``, what the encoder says).

    Args:
        kind: one of `POOLINGS`.
    """

    def __init__(self, kind: str = "attention", **kwargs) -> None:
        super().__init__(**kwargs)
        check_choice("kind", kind, POOLINGS)
        self.kind = kind
        # Keras marks what came out of a recurrent layer; here masks are arguments.
        self.supports_masking = True

    def build(self, memory_shape, summary_shape=None) -> None:
        """Args: memory_shape: [B, S, H]; summary_shape: [B, C]."""
        if self.kind == "attention":
            units = memory_shape[-1]
            self.projection = keras.layers.Dense(
                units, activation="tanh", dtype=self.dtype_policy, name="projection"
            )
            self.projection.build(memory_shape)
            self.query = self.add_weight(name="query", shape=(units,), initializer="random_normal")
        self.built = True

    def call(self, memory, summary, mask):
        """Context and the weight of each position in it.

        Args:
            memory: [B, S, H].
            summary: [B, C].
            mask: bool [B, S], True where a position counts.

        Returns:
            context [B, H] ([B, C] of ``last``) and weights float32 [B, S]: each row sums to 1, or to 0
            without positions; of ``last`` all are 0.
        """
        if self.kind == "last":
            return summary, tf.zeros(tf.shape(mask), tf.float32)
        if self.kind == "mean":
            scores = tf.zeros(tf.shape(mask), tf.float32)
        else:
            query = tf.cast(tf.convert_to_tensor(self.query), self.compute_dtype)
            scores = tf.linalg.matvec(self.projection(memory), query)
        weights = masked_softmax(scores[:, tf.newaxis, :], mask)
        context = tf.matmul(tf.cast(weights, self.compute_dtype), memory)
        return context[:, 0, :], weights[:, 0, :]

    def compute_mask(self, inputs, previous_mask=None):
        """None: a context has no positions; a mask carried on would reach the loss."""
        return None

    def get_config(self):
        return {**super().get_config(), "kind": self.kind}
