"""Multi-head self-attention of a decoder, for a whole target or one position of it."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.argument_checks import check_counts
from seqapp.errors import ConfigError
from seqapp.layers.attention_heads import attend, check_heads, split_heads
from seqapp.layers.call_modes import CallModes
from seqapp.layers.quantized_dtype import quantized_dtype
from seqapp.layers.rotary_positions import rotated


@keras.saving.register_keras_serializable("seqapp")
class CausalSelfAttention(CallModes):
    """Multi-head self-attention in which no position attends to a later one, with a key/value cache.

    Query, key and value are one product, whose initial values are those of one matrix [units, 3 · units].
    Padding belongs on the right: no valid position attends to it there.

    With a window a position attends to itself and the ``window - 1`` positions before it. The cache is then a
    ring: a position takes the place of the one that leaves the window. With a cache a sequence is also read
    segment by segment, with the results of the whole sequence.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3; Beltagy et al. 2020,
    "Longformer: The Long-Document Transformer", section 3.1, for the window; Dai et al. 2019,
    "Transformer-XL", section 3.2, for segments.

    Args:
        units: width of the sequence; a multiple of `heads`.
        heads: attention heads of ``units / heads`` each.
        dropout: rate in [0, 1), on the attention weights.
        window: positions that a position attends to, itself included; None for all before it.
        rotary: rotary positions of queries and keys, see `rotated`; False for none.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, or a size or rate is out of its range, or the width
            of a head is odd with rotary positions.

    Example:
        >>> attention = CausalSelfAttention(units=8, heads=2)
        >>> outputs, weights = attention(x)                     # x [B, T, 8]
        >>> cache = attention.empty_cache(rows=2, steps=10)
        >>> output, weights, cache = attention(x[:, :1], cache=cache, position=tf.zeros([2], tf.int32))
    """

    def __init__(
        self,
        units: int,
        heads: int,
        dropout: float = 0.0,
        window: int | None = None,
        rotary: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_heads(units, heads, dropout)
        if window is not None:
            check_counts(window=window)
        if rotary and units // heads % 2:
            raise ConfigError(
                f"units: expected an even width per head for rotary positions, got {units} for {heads} heads"
            )
        self.units = units
        self.heads = heads
        self.dropout = dropout
        self.window = window
        self.rotary = rotary
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
        """Keys and values [rows, heads, steps, units / heads] of no position yet; `window` steps if any."""
        shape = (rows, self.heads, steps, self.units // self.heads)
        return tf.zeros(shape, self.compute_dtype), tf.zeros(shape, self.compute_dtype)

    def call(self, x, cache=None, position=None, lengths=None, training=False):
        """All positions of a sequence at once, those of a segment, or the next position of each hypothesis.

        Args:
            x: [B, T, units]; with a cache alone [B, K, units], one position of each of the N = B · K
                hypotheses; with a cache and `lengths` [B, T, units], a segment, which needs a window.
            cache: keys and values of the positions before, see `empty_cache`; rows are hypotheses.
            position: int32 [N], the first position of `x` in its sequence; without a window smaller than the
                cache's steps.
            lengths: int32 [B], positions of each row of `x` that a returned cache holds; None for no cache.

        Returns:
            [B, T, units] and the weights float32 [B, heads, T, T], with `lengths` also the cache, of `window`
            steps or else T; with a cache alone [B, K, units], the weights [N, heads, 1, steps], and the cache
            that holds this position too; for a segment the weights [B, heads, T, window + T].
        """
        projected = ops.split(self.query_key_value(x), 3, axis=-1)
        query, keys, values = (split_heads(one, self.heads) for one in projected)
        if cache is not None and lengths is not None:
            return self._segment(query, keys, values, cache, position, lengths, training)
        if cache is not None:
            return self._step(query, keys, values, cache, position)
        place = tf.range(ops.shape(x)[1])
        if self.rotary:
            query, keys = rotated(query, place), rotated(keys, place)
        context, weights = attend(
            query, keys, values, self._allowed(place), lambda w: self.weights_dropout(w, training=training)
        )
        outputs = self.output_projection(context), weights
        if lengths is None:
            return outputs
        return *outputs, self._cache_after(keys, values, lengths)

    def _allowed(self, place):
        """bool [T, T], where a position attends to another, of the places int32 [T]."""
        allowed = place <= place[:, tf.newaxis]
        if self.window is None:
            return allowed
        return allowed & (place > place[:, tf.newaxis] - self.window)

    def _segment(self, query, keys, values, cache, position, lengths, training):
        if self.window is None:
            raise ConfigError(
                "window: expected a number of positions to read a segment after a cache, got None; without a "
                "window give all positions at once, or one at a time"
            )
        # The window before the segment, in the order of the positions, then the segment.
        before = position[:, tf.newaxis] - self.window + tf.range(self.window)
        places = position[:, tf.newaxis] + tf.range(ops.shape(query)[2])
        if self.rotary:
            query, keys = (rotated(one, places[:, tf.newaxis]) for one in (query, keys))
        held = [tf.gather(one, before % self.window, axis=2, batch_dims=1) for one in cache]
        keys, values = (tf.concat(pair, axis=2) for pair in zip(held, (keys, values), strict=True))
        key_places = tf.concat([before, places], axis=1)[:, tf.newaxis]
        places = places[:, :, tf.newaxis]
        allowed = (key_places >= 0) & (key_places <= places) & (key_places > places - self.window)
        context, weights = attend(
            query,
            keys,
            values,
            allowed[:, tf.newaxis],
            lambda w: self.weights_dropout(w, training=training),
        )
        cache = self._cache_after(keys, values, position + lengths, before[:, :1])
        return self.output_projection(context), weights, cache

    def _cache_after(self, keys, values, ends, first=0):
        """The cache after the positions below `ends` int32 [B]; 0 where none is yet.

        Args:
            keys, values: [B, heads, T, D], of the positions from `first` on.
            ends: int32 [B].
            first: int32 [B, 1], or 0.
        """
        steps = self.window or tf.shape(keys)[2]
        last = ends[:, tf.newaxis] - 1
        # In each step the last position that belongs there.
        places = last - (last - tf.range(steps)) % steps
        there = (places >= 0)[:, tf.newaxis, :, tf.newaxis]
        places = tf.maximum(places - first, 0)
        return tuple(
            tf.where(there, tf.gather(held, places, axis=2, batch_dims=1), tf.zeros([], held.dtype))
            for held in (keys, values)
        )

    def _step(self, query, key, value, cache, position):
        rows, hypotheses = ops.shape(query)[0], ops.shape(query)[2]
        query, key, value = (self._by_hypothesis(one) for one in (query, key, value))
        if self.rotary:
            query, key = (rotated(one, position[:, tf.newaxis]) for one in (query, key))
        steps = ops.shape(cache[0])[2]
        place = position if self.window is None else position % steps
        keys, values = (_write(held, new, place) for held, new in zip(cache, (key, value), strict=True))
        # All steps, once the ring is full.
        written = tf.range(steps) <= position[:, tf.newaxis]
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
            "window": self.window,
            "rotary": self.rotary,
        }


def _write(cache, new, position):
    """The cache [N, heads, steps, D] with `new` [N, heads, D] at the position int32 [N] of each row.

    A scatter, which TensorFlow does in place where nothing else reads the cache.
    """
    shape = ops.shape(new)[:2]
    rows, heads = tf.meshgrid(tf.range(shape[0]), tf.range(shape[1]), indexing="ij")
    places = tf.broadcast_to(position[:, tf.newaxis], shape)
    return tf.tensor_scatter_nd_update(cache, tf.stack([rows, heads, places], axis=-1), new)
