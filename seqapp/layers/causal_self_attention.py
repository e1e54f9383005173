"""Multi-head self-attention of a decoder, for a whole target or one position of it."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.layers.attention_heads import attend, check_heads, split_heads
from seqapp.layers.call_modes import CallModes
from seqapp.layers.quantized_dtype import quantized_dtype


@keras.saving.register_keras_serializable("seqapp")
class CausalSelfAttention(CallModes):
    """Multi-head self-attention in which no position attends to a later one, with a key/value cache.

    Query, key and value are one product, whose initial values are those of one matrix [units, 3 · units].
    Padding belongs on the right: no valid position attends to it there.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3.

    Args:
        units: width of the sequence; a multiple of `heads`.
        heads: attention heads of ``units / heads`` each.
        dropout: rate in [0, 1), on the attention weights.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, or a size or rate is out of its range.

    Example:
        >>> attention = CausalSelfAttention(units=8, heads=2)
        >>> outputs, weights = attention(x)                     # x [B, T, 8]
        >>> cache = attention.empty_cache(rows=2, steps=10)
        >>> output, weights, cache = attention(x[:, :1], cache=cache, position=tf.zeros([2], tf.int32))
    """

    def __init__(self, units: int, heads: int, dropout: float = 0.0, **kwargs) -> None:
        super().__init__(**kwargs)
        check_heads(units, heads, dropout)
        self.units = units
        self.heads = heads
        self.dropout = dropout
        self.supports_masking = True
        policy = {"dtype": self.dtype_policy}
        self.query_key_value = keras.layers.Dense(3 * units, name="query_key_value", **policy)
        self.output_projection = keras.layers.Dense(units, name="output_projection", **policy)
        self.weights_dropout = keras.layers.Dropout(dropout, name="weights_dropout", **policy)

    def build(self, x_shape) -> None:
        """Args: x_shape: [B, T, units]."""
        self.query_key_value.build((*x_shape[:-1], self.units))
        self.output_projection.build((*x_shape[:-1], self.units))
        self.built = True

    def empty_cache(self, rows, steps):
        """Keys and values [rows, heads, steps, units / heads] of no position yet."""
        shape = (rows, self.heads, steps, self.units // self.heads)
        return tf.zeros(shape, self.compute_dtype), tf.zeros(shape, self.compute_dtype)

    def call(self, x, cache=None, position=None, training=False):
        """All positions of a sequence at once, or the next position of each hypothesis.

        Args:
            x: [B, T, units]; with a cache [B, K, units], one position of each of the N = B · K hypotheses.
            cache: keys and values of the positions before, see `empty_cache`; rows are hypotheses.
            position: int32 [N], the position of `x` in its sequence, smaller than the cache's steps.

        Returns:
            [B, T, units] and the weights float32 [B, heads, T, T]; with a cache [B, K, units], the weights
            [N, heads, 1, steps], and the cache that holds this position too.
        """
        projected = ops.split(self.query_key_value(x), 3, axis=-1)
        query, keys, values = (split_heads(one, self.heads) for one in projected)
        if cache is not None:
            return self._step(query, keys, values, cache, position)
        place = tf.range(ops.shape(x)[1])
        allowed = place <= place[:, tf.newaxis]
        context, weights = attend(
            query, keys, values, allowed, lambda w: self.weights_dropout(w, training=training)
        )
        return self.output_projection(context), weights

    def _step(self, query, key, value, cache, position):
        rows, hypotheses = ops.shape(query)[0], ops.shape(query)[2]
        query, key, value = (self._by_hypothesis(one) for one in (query, key, value))
        keys, values = (_write(held, new, position) for held, new in zip(cache, (key, value), strict=True))
        written = tf.range(ops.shape(keys)[2]) <= position[:, tf.newaxis]
        context, weights = attend(query[:, :, tf.newaxis], keys, values, written[:, tf.newaxis, tf.newaxis])
        context = ops.reshape(context, (rows, hypotheses, self.units))
        return self.output_projection(context), weights, (keys, values)

    def _by_hypothesis(self, x):
        """[B, heads, K, D] as [N, heads, D]."""
        return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, self.heads, self.units // self.heads))

    def compute_mask(self, x, mask=None):
        """The Keras mask of `x` for the sequence, none for the weights."""
        return mask, None

    def compute_output_shape(self, x_shape):
        """Shapes of the sequence and of the weights."""
        batch, length = x_shape[:2]
        return (batch, length, self.units), (batch, self.heads, length, length)

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


def _write(cache, new, position):
    """The cache [N, heads, steps, D] with `new` [N, heads, D] at the position int32 [N] of each row.

    A scatter, which TensorFlow does in place where nothing else reads the cache.
    """
    shape = ops.shape(new)[:2]
    rows, heads = tf.meshgrid(tf.range(shape[0]), tf.range(shape[1]), indexing="ij")
    places = tf.broadcast_to(position[:, tf.newaxis], shape)
    return tf.tensor_scatter_nd_update(cache, tf.stack([rows, heads, places], axis=-1), new)
