"""The transformer encoder."""

import keras
from keras import ops

from seqapp.argument_checks import check_choice, check_counts, check_rates
from seqapp.errors import ConfigError
from seqapp.layers.masks import last_valid, mask_or_all, masked_mean
from seqapp.layers.positions import LearnedPositions, SinusoidalPositions
from seqapp.layers.transformer_encoder_layer import EPSILON, TransformerEncoderLayer

POSITIONS = ("sinusoidal", "learned")


@keras.saving.register_keras_serializable("seqapp")
class TransformerEncoder(keras.layers.Layer):
    """Transformer encoder, a stack of multi-head self-attention layers; for its contract see `make_encoder`.

    1. ``x · √E``, projected to `units` where E differs, plus positions, dropout.
    2. Each `TransformerEncoderLayer` reads the output of the one below it.
    3. ``memory`` is the normalised output of the top layer.
    4. ``final_state = (mean of the valid memory, memory at the last valid position)``.
    5. ``summary``: both, concatenated.

    Padding on the right reaches neither the valid memory nor the final state.

    Source: Vaswani et al. 2017, "Attention Is All You Need", sections 3.1, 3.4 and 3.5.

    Args:
        units: width of the memory; a multiple of `heads`.
        layers: number of layers.
        heads: attention heads of each layer.
        feedforward_units: width inside the feed-forward networks; None for ``4 · units``.
        positions: ``sinusoidal``, for any length, or ``learned``.
        max_length: number of learned positions; longer sequences repeat the last one.
        causal: no position attends to a later one.
        dropout: rate in [0, 1), on the input and inside the layers.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, `positions` is unknown, or a size or rate is
            out of its range.

    Example:
        >>> encoder = TransformerEncoder(256, layers=3, heads=4)
        >>> memory, (mean, last), summary = encoder(x, mask)    # [B, S, 256], 2 × [B, 256], [B, 512]
        >>> weights = encoder.attention_weights(x, mask)        # 3 × [B, 4, S, S]
    """

    def __init__(
        self,
        units: int,
        layers: int = 1,
        heads: int = 4,
        feedforward_units: int | None = None,
        positions: str = "sinusoidal",
        max_length: int = 256,
        causal: bool = False,
        dropout: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        check_counts(units=units, layers=layers, heads=heads, max_length=max_length)
        if feedforward_units is not None:
            check_counts(feedforward_units=feedforward_units)
        check_rates(dropout=dropout)
        if units % heads:
            raise ConfigError(f"units: expected a multiple of the {heads} heads, got {units}")
        check_choice("positions", positions, POSITIONS)
        self.units = units
        self.layers = layers
        self.heads = heads
        self.feedforward_units = feedforward_units
        self.positions = positions
        self.max_length = max_length
        self.causal = causal
        self.dropout = dropout
        self.supports_masking = True

    @property
    def state_units(self) -> tuple[int, int]:
        """Widths of the leaves of the final state."""
        return self.units, self.units

    @property
    def summary_units(self) -> int:
        """Width of the summary."""
        return 2 * self.units

    def build(self, input_shape) -> None:
        """Args: input_shape: [B, S, E]."""
        policy = {"dtype": self.dtype_policy}
        shape = (*tuple(input_shape)[:2], self.units)
        self.scale = input_shape[-1] ** 0.5
        self.projection = None
        if input_shape[-1] != self.units:
            self.projection = keras.layers.Dense(self.units, name="projection", **policy)
            self.projection.build(input_shape)
        if self.positions == "learned":
            self.position = LearnedPositions(self.max_length, name="position", **policy)
        else:
            self.position = SinusoidalPositions(name="position", **policy)
        self.position.build(shape)
        self.input_dropout = keras.layers.Dropout(self.dropout, name="input_dropout", **policy)
        self.stack = [self._layer(i) for i in range(self.layers)]
        for layer in self.stack:
            layer.build(shape)
        self.norm = keras.layers.LayerNormalization(epsilon=EPSILON, name="norm", **policy)
        self.norm.build(shape)
        self.built = True

    def _layer(self, index: int) -> TransformerEncoderLayer:
        return TransformerEncoderLayer(
            self.units,
            self.heads,
            self.feedforward_units,
            causal=self.causal,
            dropout=self.dropout,
            dtype=self.dtype_policy,
            name=f"layer_{index}",
        )

    def call(self, x, mask=None, training=False):
        """Args:
            x: [B, S, E].
            mask: bool [B, S], True where a position counts, padding on the right; None for the Keras mask
                of `x`, or for all.

        Returns:
            memory [B, S, units], final state (mean [B, units], last [B, units]), summary [B, 2 · units].
        """
        mask = mask_or_all(mask, x)
        memory, _ = self._run(x, mask, training)
        state = masked_mean(memory, mask), last_valid(memory, mask)
        return memory, state, ops.concatenate(state, axis=-1)

    def attention_weights(self, x, mask=None):
        """The attention weights of each layer, the lowest first: float32 or float64 [B, heads, S, S] each.

        Args: same as ``call``, without Keras's mask.
        """
        if not self.built:
            self.build(x.shape)
        _, weights = self._run(x, mask_or_all(mask, x), False)
        return weights

    def _run(self, x, mask, training):
        # Embeddings start small; without the factor the positions would outweigh them.
        x = ops.cast(x, self.compute_dtype) * self.scale
        if self.projection is not None:
            x = self.projection(x)
        x = self.input_dropout(self.position(x), training=training)
        weights = []
        for layer in self.stack:
            x, of_layer = layer(x, mask, training=training)
            weights.append(of_layer)
        return self.norm(x), weights

    def compute_mask(self, inputs, previous_mask=None):
        """The mask of `x` for the memory, none for final state and summary."""
        return previous_mask, (None, None), None

    def compute_output_shape(self, input_shape):
        batch, length = input_shape[:2]
        leaf = (batch, self.units)
        return (batch, length, self.units), (leaf, leaf), (batch, self.summary_units)

    def compute_output_spec(self, x, mask=None, training=False):
        memory, leaves, summary = self.compute_output_shape(x.shape)
        first, second = (keras.KerasTensor(leaf, self.compute_dtype) for leaf in leaves)
        return (
            keras.KerasTensor(memory, self.compute_dtype),
            (first, second),
            keras.KerasTensor(summary, self.compute_dtype),
        )

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layers": self.layers,
            "heads": self.heads,
            "feedforward_units": self.feedforward_units,
            "positions": self.positions,
            "max_length": self.max_length,
            "causal": self.causal,
            "dropout": self.dropout,
        }
