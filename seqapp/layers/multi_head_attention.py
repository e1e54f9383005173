"""Keras's multi-head attention with the softmax always in float32."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.errors import ConfigError
from seqapp.layers.masks import softmax_where


@keras.saving.register_keras_serializable("seqapp")
class MultiHeadAttention(keras.layers.MultiHeadAttention):
    """`keras.layers.MultiHeadAttention` with a float32 softmax whose weights are exactly 0 where masked.

    Every argument of the constructor and of the call means what it means in Keras, except
    `flash_attention`, which TensorFlow does not have. Four things differ:

    - The softmax is computed in float32 (float64 under that policy) whether or not the weights are returned;
      they come in the compute dtype.
    - A query with no allowed key has weights of 0 and the bias of the output projection as its output,
      not the mean of the values.
    - A mask [B, heads, T, S] can be combined with the masks of query, value and key, which Keras misaligns.
    - Keras warns of a softmax over one key; a sequence of one token is a valid input here.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.

    Args:
        num_heads: number of heads.
        key_dim: width of queries and keys per head.
        *args: as `keras.layers.MultiHeadAttention`.
        **kwargs: as `keras.layers.MultiHeadAttention`.

    Raises:
        ConfigError: flash attention is requested, or `dropout` is outside [0, 1].
        ValueError: any other argument is out of its range.
    """

    def __init__(self, num_heads: int, key_dim: int, *args, **kwargs) -> None:
        super().__init__(num_heads, key_dim, *args, **kwargs)
        if not 0.0 <= self.dropout <= 1.0:
            raise ConfigError(f"dropout: expected a number in [0, 1], got {self.dropout!r}")
        if self._flash_attention:
            raise ConfigError(
                "flash_attention: Flash attention is not supported in tensorflow backend; leave it out, "
                "and do not call keras.config.enable_flash_attention()"
            )

    def _compute_attention_mask(self, query, value, *masks, attention_mask=None, **options):
        """Keras's mask with the masks of query, value and key along the batch, also of a mask with heads."""
        own = super()._compute_attention_mask(query, value, *masks, attention_mask=None, **options)
        if own is None or attention_mask is None:
            return own if attention_mask is None else ops.cast(attention_mask, "bool")
        # Keras adds the missing axis in front: it would take the batch of its own for the heads.
        for _ in range(len(attention_mask.shape) - len(own.shape)):
            own = ops.expand_dims(own, -2 * len(self._attention_axes) - 1)
        return ops.logical_and(ops.cast(attention_mask, "bool"), own)

    def _compute_attention(
        self, query, key, value, attention_mask=None, training=None, return_attention_scores=False, **kwargs
    ):
        """Keras's path with explicit weights, for every call: its other path has a softmax of its own."""
        return super()._compute_attention(query, key, value, attention_mask, training, True, **kwargs)

    def _masked_softmax(self, attention_scores, attention_mask=None):
        """Softmax over the attention axes.

        Args:
            attention_scores: [<batch axes>, heads, <query axes>, <key axes>].
            attention_mask: bool, of that shape without any number of its leading axes up to the heads, or
                with 1 for an axis; None allows every key.
        """
        axes = len(self._attention_axes)
        allowed = self._expanded(attention_mask, attention_scores)
        scores = attention_scores
        if axes > 1:
            shape = ops.shape(scores)
            flat = (*shape[:-axes], -1)
            scores = ops.reshape(scores, flat)
            allowed = allowed if allowed is True else ops.reshape(ops.broadcast_to(allowed, shape), flat)
        weights = softmax_where(scores, allowed)
        if axes > 1:
            weights = ops.reshape(weights, shape)
        return ops.cast(weights, attention_scores.dtype)

    def _expanded(self, mask, scores):
        """The mask with axes of 1 where it has fewer than the scores; True without a mask."""
        if mask is None:
            return True
        for _ in range(len(scores.shape) - len(mask.shape)):
            mask = ops.expand_dims(mask, -2 * len(self._attention_axes) - 1)
        if not tf.broadcast_static_shape(scores.shape, mask.shape).is_compatible_with(scores.shape):
            raise ValueError(
                "attention_mask: expected a shape that broadcasts to that of the scores, "
                f"{scores.shape}, got {mask.shape}"
            )
        return ops.cast(mask, "bool")

    def compute_output_spec(self, query, value, *args, return_attention_scores=False, **kwargs):
        output = super().compute_output_spec(query, value, *args, **kwargs)
        if not return_attention_scores:
            return output
        # Keras's own takes the keys to be as many as the queries.
        queries, keys = query.shape, value.shape
        rank = len(queries)
        axes = self._attention_axes or range(1, rank - 1)
        axes = [axis % rank for axis in axes]
        batch = [queries[axis] for axis in range(rank - 1) if axis not in axes]
        attended = [queries[axis] for axis in axes] + [keys[axis] for axis in axes]
        return output, keras.KerasTensor((*batch, self.num_heads, *attended), output.dtype)
