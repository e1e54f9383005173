"""Encoder configurations: a union discriminated by ``kind``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config
from seqapp.config.layer_fields import (
    ContextTokens,
    Dropout,
    FeedforwardUnits,
    Heads,
    Layers,
    MaxPositions,
    Positions,
    RecurrentCell,
    Residual,
    Units,
    Width,
    check_heads,
    check_rotary_heads,
    check_size,
)


class RecurrentEncoderConfig(Config):
    """Stacked recurrent layers, unidirectional or bidirectional."""

    kind: Literal["recurrent"] = Field(default="recurrent", description="kind of encoder")
    cell: RecurrentCell = "lstm"
    units: Width = Field(default=256, description="width of the layers, both directions together")
    layers: Layers = 1
    bidirectional: bool = Field(default=True, description="read the text in both directions")
    residual: Residual = False
    dropout: Dropout = 0.2

    @model_validator(mode="after")
    def _halves(self) -> Self:
        if self.bidirectional and self.units % 2:
            raise ValueError(
                f"units must be even when bidirectional (half for each direction), got {self.units}"
            )
        check_size(self.layers, self.units, self.units)
        return self


class TransformerEncoderConfig(Config):
    """Transformer encoder (pre-LN)."""

    kind: Literal["transformer"] = Field(default="transformer", description="kind of encoder")
    units: Units = 256
    layers: Layers = 1
    heads: Heads = 4
    feedforward_units: FeedforwardUnits = None
    positions: Positions = "sinusoidal"
    max_positions: MaxPositions = 256
    dropout: Dropout = 0.2

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        check_heads(self.units, self.heads)
        check_size(self.layers, self.units, self.feedforward_units or 4 * self.units)
        return self


class CausalTransformerEncoderConfig(Config):
    """Causal self-attention layers (pre-LN, rotary positions), as in a Transformer language model."""

    kind: Literal["causal_transformer"] = Field(default="causal_transformer", description="kind of encoder")
    units: Units = 256
    layers: Layers = 1
    heads: Heads = 4
    feedforward_units: FeedforwardUnits = None
    context_tokens: ContextTokens = 128
    dropout: Dropout = 0.2

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        check_rotary_heads(self.units, self.heads)
        check_size(self.layers, self.units, self.feedforward_units or 4 * self.units)
        return self


EncoderConfig = Annotated[
    RecurrentEncoderConfig | TransformerEncoderConfig | CausalTransformerEncoderConfig,
    Field(discriminator="kind"),
]
