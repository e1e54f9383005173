"""The self-attention encoder."""

import keras
from keras import ops

from seqapp.errors import ConfigError
from seqapp.layers.attention_block import EPSILON, AttentionBlock
from seqapp.layers.masks import last_valid, masked_mean
from seqapp.layers.positions import LearnedPositions, SinusoidalPositions

POSITIONS = ("sinusoidal", "learned")


@keras.saving.register_keras_serializable("seqapp")
class EncoderStack(keras.layers.Layer):
    """A stack of `AttentionBlock`, with the contract of `RecurrentEncoder`.

    1. ``x · √E``, projected to `units` where E differs, plus positions, dropout.
    2. Each block reads the output of the block below it.
    3. ``memory`` is the normalised output of the top block.
    4. ``carry = [mean of the valid memory; memory at the last valid position]``: the summary that
       starts a decoder or feeds a classifier.

    Padding on the right reaches neither the valid memory nor the carry. The carry has no weights: who
    takes it projects it.

    Source: Vaswani et al. 2017, "Attention Is All You Need", sections 3.1, 3.4 and 3.5.

    Args:
        units: width of the memory; a multiple of `heads`.
        layers: number of blocks.
        heads: attention heads of each block.
        feedforward_units: width inside the feed-forward networks; None for ``4 · units``.
        positions: ``sinusoidal``, for any length, or ``learned``.
        max_length: number of learned positions; longer sequences repeat the last one.
        causal: no position looks to its right.
        dropout: rate in [0, 1), on the input and inside the blocks.

    Raises:
        ConfigError: `units` is not a multiple of `heads`, or `positions` is unknown.

    Example:
        >>> encoder = EncoderStack(256, layers=3, heads=4)
        >>> memory, carry = encoder(x, mask)            # x [B, S, E] → [B, S, 256], [B, 512]
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
        if units % heads:
            raise ConfigError(f"units: expected a multiple of the {heads} heads, got {units}")
        if positions not in POSITIONS:
            raise ConfigError(f"positions: expected one of {', '.join(POSITIONS)}, got {positions!r}")
        self.units = units
        self.layers = layers
        self.heads = heads
        self.feedforward_units = feedforward_units
        self.positions = positions
        self.max_length = max_length
        self.causal = causal
        self.dropout = dropout

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
        self.stack = [self._block(i) for i in range(self.layers)]
        for block in self.stack:
            block.build(shape)
        self.norm = keras.layers.LayerNormalization(epsilon=EPSILON, name="norm", **policy)
        self.norm.build(shape)
        self.built = True

    def _block(self, index: int) -> AttentionBlock:
        return AttentionBlock(
            self.units,
            self.heads,
            self.feedforward_units,
            causal=self.causal,
            dropout=self.dropout,
            dtype=self.dtype_policy,
            name=f"block_{index}",
        )

    def call(self, x, mask, training=False):
        """Args:
            x: [B, S, E].
            mask: bool [B, S], True where a position counts; padding on the right.

        Returns:
            memory [B, S, units] and carry [B, 2 · units].
        """
        memory, _ = self._run(x, mask, training)
        return memory, ops.concatenate([masked_mean(memory, mask), last_valid(memory, mask)], axis=-1)

    def attention_weights(self, x, mask):
        """Each block's attention weights, the lowest first: float32 [B, heads, S, S] each.

        Args: as of ``call``.
        """
        if not self.built:
            self.build(x.shape)
        _, weights = self._run(ops.cast(x, self.compute_dtype), mask, False)
        return weights

    def _run(self, x, mask, training):
        # Embeddings start small; without the factor the positions would drown them.
        x = x * ops.cast(self.scale, x.dtype)
        if self.projection is not None:
            x = self.projection(x)
        x = self.input_dropout(self.position(x), training=training)
        weights = []
        for block in self.stack:
            x, of_block = block(x, mask, training=training)
            weights.append(of_block)
        return self.norm(x), weights

    def compute_output_spec(self, x, mask, training=False):
        memory = keras.KerasTensor((*x.shape[:2], self.units), self.compute_dtype)
        return memory, keras.KerasTensor((x.shape[0], 2 * self.units), self.compute_dtype)

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
