"""One layer of the transformer encoder."""

import keras
import tensorflow as tf
from keras import ops

from seqapp.argument_checks import check_choice, check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.masks import mask_or_all, self_attention_mask, softmax_dtype
from seqapp.layers.multi_head_attention import MultiHeadAttention

ACTIVATIONS = ("relu", "gelu")
# Keras's own, 1e-3, is not small against the variance of a narrow embedding.
EPSILON = 1e-6


@keras.saving.register_keras_serializable("seqapp")
class TransformerEncoderLayer(keras.layers.Layer):
    """Pre-norm Transformer encoder layer: multi-head self-attention and a feed-forward network.

    1. ``x = x + dropout(attention(norm(x)))``
    2. ``x = x + dropout(W_2 activation(W_1 norm(x) + b_1) + b_2)``

    The residual sum x itself is never normalised; the encoder normalises the output of its top layer.

    Source: Vaswani et al. 2017, sections 3.2.2 and 3.3; Xiong et al. 2020, "On Layer Normalization in
    the Transformer Architecture", for the norm before (it trains without a long warm-up).

    Args:
        units: width of the sequence; a multiple of `heads`.
        heads: attention heads of ``units / heads`` each.
        feedforward_units: width inside the feed-forward network; None for ``4 · units``.
        activation: ``relu``, or ``gelu``, which is about a quarter slower on a CPU.
        causal: no position attends to a later one.
        dropout: rate in [0, 1), on the attention weights and on what is added to x.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, or the activation is unknown, or a size or rate is
            out of its range.
    """

    def __init__(
        self,
        units: int,
        heads: int,
        feedforward_units: int | None = None,
        activation: str = "relu",
        causal: bool = False,
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units, heads=heads)
        if feedforward_units is not None:
            check_counts(feedforward_units=feedforward_units)
        check_rates(dropout=dropout)
        if units % heads:
            raise ConfigError(f"units: expected a multiple of the {heads} heads, got {units}")
        check_choice("activation", activation, ACTIVATIONS)
        self.units = units
        self.heads = heads
        self.feedforward_units = feedforward_units
        self.activation = activation
        self.causal = causal
        self.dropout = dropout
        self.supports_masking = True

    def build(self, input_shape) -> None:
        """Args: input_shape: [B, S, units]."""
        policy = {"dtype": self.dtype_policy}
        shape = tuple(input_shape)
        inner = self.feedforward_units or 4 * self.units
        self.attention_norm = keras.layers.LayerNormalization(
            epsilon=EPSILON, name="attention_norm", **policy
        )
        self.attention = MultiHeadAttention(
            self.heads, self.units // self.heads, dropout=self.dropout, name="attention", **policy
        )
        self.attention_dropout = keras.layers.Dropout(self.dropout, name="attention_dropout", **policy)
        self.feedforward_norm = keras.layers.LayerNormalization(
            epsilon=EPSILON, name="feedforward_norm", **policy
        )
        self.expand = keras.layers.Dense(inner, activation=self.activation, name="expand", **policy)
        self.reduce = keras.layers.Dense(self.units, name="reduce", **policy)
        self.feedforward_dropout = keras.layers.Dropout(self.dropout, name="feedforward_dropout", **policy)
        self.attention_norm.build(shape)
        self.attention.build(shape, shape)
        self.feedforward_norm.build(shape)
        self.expand.build(shape)
        self.reduce.build((*shape[:2], inner))
        self.built = True

    def call(self, x, mask=None, training=False):
        """Args:
            x: [B, S, units].
            mask: bool [B, S], True where a position counts; None for the Keras mask of `x`, or for all.

        Returns:
            [B, S, units], and the attention weights [B, heads, S, S], float32 or float64: a row sums to 1
            over the valid positions; all 0, and the output finite, where no position is valid.
        """
        x = ops.cast(x, self.compute_dtype)
        mask = mask_or_all(mask, x)
        # A copy without Keras's mask, which would leave the queries of padding nothing to attend to.
        normed = tf.identity(self.attention_norm(x))
        attended, weights = self.attention(
            normed,
            normed,
            attention_mask=self_attention_mask(mask, self.causal),
            return_attention_scores=True,
            training=training,
        )
        x = x + self.attention_dropout(attended, training=training)
        inner = self.reduce(self.expand(self.feedforward_norm(x)))
        weights = ops.cast(weights, softmax_dtype(self.compute_dtype))
        return x + self.feedforward_dropout(inner, training=training), weights

    def compute_mask(self, inputs, previous_mask=None):
        """The mask of `x` for the sequence, none for the weights."""
        return previous_mask, None

    def compute_output_shape(self, input_shape):
        batch, length = input_shape[:2]
        return tuple(input_shape), (batch, self.heads, length, length)

    def compute_output_spec(self, x, mask=None, training=False):
        sequence, weights = self.compute_output_shape(x.shape)
        return (
            keras.KerasTensor(sequence, self.compute_dtype),
            keras.KerasTensor(weights, softmax_dtype(self.compute_dtype)),
        )

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "heads": self.heads,
            "feedforward_units": self.feedforward_units,
            "activation": self.activation,
            "causal": self.causal,
            "dropout": self.dropout,
        }
