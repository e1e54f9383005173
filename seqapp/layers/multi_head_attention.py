"""Keras's multi-head attention, its softmax always in float32."""

import keras
from keras import ops

from seqapp.argument_checks import check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.masks import softmax_where


@keras.saving.register_keras_serializable("seqapp")
class MultiHeadAttention(keras.layers.MultiHeadAttention):
    """`keras.layers.MultiHeadAttention` whose weights are a float32 softmax, exactly 0 where masked.

    Keras takes the softmax in the compute type, and warns of a sequence of one token. Everything
    else is Keras's own.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.

    Args:
        num_heads: number of heads.
        key_dim: width of each head.
        *args: of `keras.layers.MultiHeadAttention`.
        **kwargs: of `keras.layers.MultiHeadAttention`.

    Raises:
        ConfigError: flash attention or attention over several axes is asked for, which go around this
            softmax, or a size or rate is out of its range.
    """

    def __init__(self, num_heads: int, key_dim: int, *args, **kwargs) -> None:
        check_counts(num_heads=num_heads, key_dim=key_dim)
        super().__init__(num_heads, key_dim, *args, **kwargs)
        check_rates(dropout=self.dropout)
        if self._flash_attention:
            raise ConfigError("flash_attention: seqapp's MultiHeadAttention has none; leave it out")
        if self._attention_axes is not None and list(self._attention_axes) != [1]:
            raise ConfigError(
                "attention_axes: seqapp's MultiHeadAttention attends over the sequence (1) only, "
                f"got {self._attention_axes}"
            )

    def _compute_attention(
        self, query, key, value, attention_mask=None, training=None, return_attention_scores=False, **kwargs
    ):
        """Called by Keras, which would otherwise go around the softmax below where it can."""
        return super()._compute_attention(query, key, value, attention_mask, training, True, **kwargs)

    def _masked_softmax(self, attention_scores, attention_mask=None):
        """Called by Keras: scores [B, heads, T, S] and a mask bool [B, T or 1, S] or None."""
        if attention_mask is None:
            return softmax_where(attention_scores, True)
        return softmax_where(attention_scores, ops.cast(attention_mask, "bool")[:, None])
