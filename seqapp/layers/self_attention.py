"""Scaled dot-product self-attention with one head."""

import keras
from keras import ops

from seqapp.argument_checks import check_counts
from seqapp.layers.masks import self_attention_mask, softmax_where


@keras.saving.register_keras_serializable("seqapp")
class SelfAttention(keras.layers.Layer):
    """Scaled dot-product self-attention: the weighted mean of the values of a sequence, for each position.

    One head of what `TransformerEncoderLayer` does with several, every product written out.

    1. A query, a key and a value of each position: ``q = x W_q``, ``k = x W_k``, ``v = x W_v``.
    2. Weights ``a_ts = softmax_s(q_t · k_s / √units)`` over the valid positions.
    3. Context ``Σ_s a_ts v_s``.

    Source: Vaswani et al. 2017, "Attention Is All You Need", equation 1.

    Args:
        units: width of queries and keys.
        value_units: width of values and context; None for `units`.
        causal: no position looks to its right.

    Example:
        >>> context, weights = SelfAttention(units=4)(x, mask)      # x [B, S, E], mask bool [B, S]
    """

    def __init__(self, units: int, value_units: int | None = None, causal: bool = False, **kwargs) -> None:
        super().__init__(**kwargs)
        check_counts(units=units)
        if value_units is not None:
            check_counts(value_units=value_units)
        self.units = units
        self.value_units = value_units
        self.causal = causal

    def build(self, input_shape) -> None:
        """Args: input_shape: [B, S, E]."""
        self.query = self._projection(self.units, "query")
        self.key = self._projection(self.units, "key")
        self.value = self._projection(self.value_units or self.units, "value")
        for projection in (self.query, self.key, self.value):
            projection.build(input_shape)
        self.built = True

    def _projection(self, units: int, name: str) -> keras.layers.Dense:
        return keras.layers.Dense(units, use_bias=False, dtype=self.dtype_policy, name=name)

    def call(self, x, mask):
        """Args:
            x: [B, S, E].
            mask: bool [B, S], True where a position counts.

        Returns:
            context [B, S, value_units] and weights float32 [B, S, S], which are exactly 0 on padding.
        """
        scores = ops.matmul(self.query(x), ops.transpose(self.key(x), (0, 2, 1))) * self.units**-0.5
        weights = softmax_where(scores, self_attention_mask(mask, self.causal))
        values = self.value(x)
        return ops.matmul(ops.cast(weights, values.dtype), values), weights

    def compute_output_spec(self, x, mask):
        context = (*x.shape[:2], self.value_units or self.units)
        weights = keras.KerasTensor((*x.shape[:2], x.shape[1]), "float32")
        return keras.KerasTensor(context, self.compute_dtype), weights

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "value_units": self.value_units,
            "causal": self.causal,
        }
