"""The encoder of a causal Transformer language model."""

import keras
from keras import ops

from seqapp.argument_checks import check_counts, check_rates
from seqapp.layers.attention_heads import check_heads
from seqapp.layers.causal_transformer_layer import CausalTransformerLayer
from seqapp.layers.masks import last_valid, mask_or_all
from seqapp.layers.transformer_encoder_layer import EPSILON


@keras.saving.register_keras_serializable("seqapp")
class CausalTransformerEncoder(keras.layers.Layer):
    """Stacked causal self-attention with rotary positions, as in a Transformer language model without output.

    For its contract see `make_encoder`.

    1. ``x · √E``, projected to `units` where E differs, dropout.
    2. Each `CausalTransformerLayer` reads the output of the one below it.
    3. ``memory`` is the normalised output of the top layer.
    4. ``final_state = (memory at the last valid position,)``, and ``summary`` is the same.

    Padding on the right reaches neither the valid memory nor the final state.

    Source: Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training", section 3.2.

    Args:
        units: width of the memory; a multiple of `heads`, with an even width per head.
        layers: number of layers.
        heads: attention heads of each layer.
        feedforward_units: width inside the feed-forward networks; None for ``4 · units``.
        window: positions that a position attends to in each layer, itself included; None for all before it.
        dropout: rate in [0, 1), on the input and inside the layers.

    Raises:
        ConfigError: the heads do not divide `units` into even widths, or a size or rate is out of its range.
    """

    def __init__(
        self,
        units: int,
        layers: int = 1,
        heads: int = 4,
        feedforward_units: int | None = None,
        window: int | None = None,
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(layers=layers)
        check_rates(dropout=dropout)
        check_heads(units, heads, dropout)
        self.units = units
        self.layers = layers
        self.heads = heads
        self.feedforward_units = feedforward_units
        self.window = window
        self.dropout = dropout
        self.supports_masking = True
        policy = {"dtype": self.dtype_policy}
        self.input_dropout = keras.layers.Dropout(dropout, name="input_dropout", **policy)
        self.stack = [
            CausalTransformerLayer(
                units, heads, feedforward_units, window=window, dropout=dropout, name=f"layer_{i}", **policy
            )
            for i in range(layers)
        ]
        self.norm = keras.layers.LayerNormalization(epsilon=EPSILON, name="norm", **policy)

    @property
    def state_units(self) -> tuple[int]:
        """Widths of the leaves of the final state."""
        return (self.units,)

    @property
    def summary_units(self) -> int:
        """Width of the summary."""
        return self.units

    def build(self, input_shape) -> None:
        """Args: input_shape: [B, S, E]."""
        shape = (*tuple(input_shape)[:2], self.units)
        self.scale = input_shape[-1] ** 0.5
        self.projection = None
        if input_shape[-1] != self.units:
            self.projection = keras.layers.Dense(self.units, dtype=self.dtype_policy, name="projection")
            self.projection.build(input_shape)
        for layer in self.stack:
            layer.build(shape)
        self.norm.build(shape)
        self.built = True

    def call(self, x, mask=None, training=False):
        """Args:
            x: [B, S, E].
            mask: bool [B, S], True where a position counts, padding on the right; None for the Keras mask
                of `x`, or for all.

        Returns:
            memory [B, S, units], final state (last [B, units],), summary [B, units].
        """
        mask = mask_or_all(mask, x)
        # As in the language model: its embeddings start small.
        x = ops.cast(x, self.compute_dtype) * self.scale
        if self.projection is not None:
            x = self.projection(x)
        x = self.input_dropout(x, training=training)
        for layer in self.stack:
            x, _ = layer(x, training=training)
        memory = self.norm(x)
        last = last_valid(memory, mask)
        return memory, (last,), last

    def compute_mask(self, inputs, previous_mask=None):
        """The mask of `x` for the memory, none for final state and summary."""
        return previous_mask, (None,), None

    def compute_output_shape(self, input_shape):
        batch, length = input_shape[:2]
        leaf = (batch, self.units)
        return (batch, length, self.units), (leaf,), leaf

    def compute_output_spec(self, x, mask=None, training=False):
        memory, (leaf,), summary = self.compute_output_shape(x.shape)
        return (
            keras.KerasTensor(memory, self.compute_dtype),
            (keras.KerasTensor(leaf, self.compute_dtype),),
            keras.KerasTensor(summary, self.compute_dtype),
        )

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "heads": self.heads,
            "feedforward_units": self.feedforward_units,
            "window": self.window,
            "dropout": self.dropout,
        }
