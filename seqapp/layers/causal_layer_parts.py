"""What Transformer layers with causal self-attention have in common."""

import keras

from seqapp.argument_checks import check_choice, check_counts
from seqapp.layers.attention_heads import check_heads
from seqapp.layers.call_modes import CallModes
from seqapp.layers.causal_self_attention import CausalSelfAttention
from seqapp.layers.quantized_dtype import quantized_dtype
from seqapp.layers.transformer_encoder_layer import ACTIVATIONS, EPSILON


class CausalLayerParts(CallModes):
    """Pre-norm causal self-attention and feed-forward network, each added to its input.

    A subclass makes the sublayers, in their order, and calls them.

    Args:
        units: width of the sequence; a multiple of `heads`.
        heads: attention heads of ``units / heads`` each.
        feedforward_units: width inside the feed-forward network; None for ``4 · units``.
        activation: ``relu``, or ``gelu``.
        dropout: rate in [0, 1), on the attention weights and on what is added to the input.

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
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_heads(units, heads, dropout)
        if feedforward_units is not None:
            check_counts(feedforward_units=feedforward_units)
        check_choice("activation", activation, ACTIVATIONS)
        self.units = units
        self.heads = heads
        self.feedforward_units = feedforward_units
        self.activation = activation
        self.dropout = dropout
        self.supports_masking = True

    def _make_self_attention(self, **options) -> None:
        """Args: options: other arguments of `CausalSelfAttention`."""
        self.self_attention_norm = self._norm("self_attention_norm")
        self.self_attention = CausalSelfAttention(
            self.units, self.heads, self.dropout, name="self_attention", dtype=self.dtype_policy, **options
        )
        self.self_attention_dropout = self._dropout("self_attention_dropout")

    def _make_feedforward(self) -> None:
        policy = {"dtype": self.dtype_policy}
        self.feedforward_norm = self._norm("feedforward_norm")
        self.expand = keras.layers.Dense(
            self.feedforward_units or 4 * self.units, activation=self.activation, name="expand", **policy
        )
        self.reduce = keras.layers.Dense(self.units, name="reduce", **policy)
        self.feedforward_dropout = self._dropout("feedforward_dropout")

    def _norm(self, name: str) -> keras.layers.LayerNormalization:
        return keras.layers.LayerNormalization(epsilon=EPSILON, dtype=self.dtype_policy, name=name)

    def _dropout(self, name: str) -> keras.layers.Dropout:
        return keras.layers.Dropout(self.dropout, name=name, dtype=self.dtype_policy)

    def _build_self_attention(self) -> None:
        self.self_attention_norm.build(self._shape)
        self.self_attention.build(self._shape)

    def _build_feedforward(self) -> None:
        self.feedforward_norm.build(self._shape)
        self.expand.build(self._shape)
        self.reduce.build((None, None, self.expand.units))

    @property
    def _shape(self):
        return None, None, self.units

    def _with_self_attention(self, x, training, **options):
        """``x + dropout(self_attention(norm(x)))``, and what else `CausalSelfAttention` returns."""
        attended, *others = self.self_attention(self.self_attention_norm(x), training=training, **options)
        return x + self.self_attention_dropout(attended, training=training), *others

    def _with_feedforward(self, x, training):
        """``x + dropout(W_2 activation(W_1 norm(x) + b_1) + b_2)``."""
        inner = self.reduce(self.expand(self.feedforward_norm(x)))
        return x + self.feedforward_dropout(inner, training=training)

    def compute_output_spec(self, *args, **kwargs):
        # Traces the call: what it returns depends on what is given.
        return keras.Operation.compute_output_spec(self, *args, **kwargs)

    def get_config(self):
        return {
            **super().get_config(),
            **quantized_dtype(self),
            "units": self.units,
            "heads": self.heads,
            "feedforward_units": self.feedforward_units,
            "activation": self.activation,
            "dropout": self.dropout,
        }
