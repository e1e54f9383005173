"""Multi-head attention of a decoder to the memory of an encoder."""

import keras
from keras import ops

from seqapp.layers.attention_heads import attend, check_heads, split_heads
from seqapp.layers.call_modes import CallModes
from seqapp.layers.quantized_dtype import quantized_dtype


@keras.saving.register_keras_serializable("seqapp")
class CrossAttention(CallModes):
    """Multi-head attention to a memory whose keys and values are computed once.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3.

    Args:
        units: width of the queries and of the output; a multiple of `heads`.
        heads: attention heads of ``units / heads`` each.
        dropout: rate in [0, 1), on the attention weights.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, or a size or rate is out of its range.

    Example:
        >>> attention = CrossAttention(units=8, heads=2)
        >>> outputs, weights = attention(x, memory, memory_mask=mask)       # x [B, T, 8], memory [B, S, H]
        >>> keys, values = attention(memory=memory)
        >>> outputs, weights = attention(x, keys=keys, values=values, memory_mask=mask)
    """

    def __init__(self, units: int, heads: int, dropout: float = 0.0, **kwargs) -> None:
        super().__init__(**kwargs)
        check_heads(units, heads, dropout)
        self.units = units
        self.heads = heads
        self.dropout = dropout
        self.supports_masking = True
        policy = {"dtype": self.dtype_policy}
        self.query = keras.layers.Dense(units, name="query", **policy)
        self.key_value = keras.layers.Dense(2 * units, name="key_value", **policy)
        self.output_projection = keras.layers.Dense(units, name="output_projection", **policy)
        self.weights_dropout = keras.layers.Dropout(dropout, name="weights_dropout", **policy)

    def build(self, x_shape=None, memory_shape=None) -> None:
        """Args:
            x_shape: [B, T, units].
            memory_shape: [B, S, H]; without it keys and values are built by the call that has a memory.
        """
        self.query.build((None, None, self.units))
        self.output_projection.build((None, None, self.units))
        if memory_shape is not None:
            self.key_value.build(memory_shape)
        self.built = True

    def call(self, x=None, memory=None, keys=None, values=None, memory_mask=None, training=False):
        """The context of each query, or keys and values.

        Args:
            x: [B, T, units]; without it the result is the keys and values of the memory.
            memory: [B, S, H].
            keys: [B, heads, S, units / heads], of a call without `x`; by default those of `memory`.
            values: as `keys`.
            memory_mask: bool or 0/1 [B, S], True where a position of the memory counts; None for the Keras
                mask of `memory`, or for all.

        Returns:
            [B, T, units] and the weights float32 [B, heads, T, S]; or keys and values.
        """
        if memory is not None:
            keys, values = (split_heads(one, self.heads) for one in ops.split(self.key_value(memory), 2, -1))
        if x is None:
            return keys, values
        allowed = True if memory_mask is None else ops.cast(memory_mask, "bool")[:, None, None]
        context, weights = attend(
            split_heads(self.query(x), self.heads),
            keys,
            values,
            allowed,
            lambda w: self.weights_dropout(w, training=training),
        )
        return self.output_projection(context), weights

    def compute_mask(self, x=None, mask=None):
        """The Keras mask of `x` for the sequence, none for the weights."""
        return None if x is None else (getattr(x, "_keras_mask", None), None)

    def compute_output_shape(self, x_shape, memory_shape):
        """Shapes of the sequence and of the weights."""
        batch, length = x_shape[:2]
        return (batch, length, self.units), (batch, self.heads, length, memory_shape[1])

    def compute_output_spec(self, *args, **kwargs):
        # Traces the call: what it returns depends on what is given.
        return keras.Operation.compute_output_spec(self, *args, **kwargs)

    def get_config(self):
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "units": self.units,
            "heads": self.heads,
            "dropout": self.dropout,
        }
