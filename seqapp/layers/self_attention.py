"""Scaled dot-product self-attention with one head."""

import keras
from keras import ops

from seqapp.argument_checks import check_counts
from seqapp.layers.masks import mask_or_all, self_attention_mask, softmax_dtype, softmax_where


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
        causal: no position attends to a later one.

    Raises:
        ConfigError: a width is below 1.

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
        self.supports_masking = True

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

    def call(self, x, mask=None):
        """Args:
            x: [B, S, E].
            mask: bool [B, S], True where a position counts; None for the Keras mask of `x`, or for all.

        Returns:
            context [B, S, value_units] and weights [B, S, S], float32 or float64, which are exactly 0 on
            padding.
        """
        x = ops.cast(x, self.compute_dtype)
        mask = mask_or_all(mask, x)
        scores = ops.matmul(self.query(x), ops.transpose(self.key(x), (0, 2, 1))) * self.units**-0.5
        weights = softmax_where(scores, self_attention_mask(mask, self.causal))
        values = self.value(x)
        return ops.matmul(ops.cast(weights, values.dtype), values), weights

    def compute_mask(self, inputs, previous_mask=None):
        """The mask of `x` for the context, none for the weights."""
        return previous_mask, None

    def compute_output_shape(self, input_shape):
        batch, length = input_shape[:2]
        return (batch, length, self.value_units or self.units), (batch, length, length)

    def compute_output_spec(self, x, mask=None):
        context, weights = self.compute_output_shape(x.shape)
        return (
            keras.KerasTensor(context, self.compute_dtype),
            keras.KerasTensor(weights, softmax_dtype(self.compute_dtype)),
        )

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "value_units": self.value_units,
            "causal": self.causal,
        }
