"""Encoder configurations: a union discriminated by ``kind``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config, Count, Fraction, Layers, Width, check_size

Cell = Literal["lstm", "gru", "simple_rnn"]


class RecurrentEncoderConfig(Config):
    """Stacked recurrent layers, unidirectional or bidirectional."""

    kind: Literal["recurrent"] = Field(default="recurrent", description="kind of encoder")
    cell: Cell = Field(default="lstm", description="recurrent cell")
    units: Width = Field(default=256, description="width of the layers, both directions together")
    layers: Layers = Field(default=1, description="number of layers")
    bidirectional: bool = Field(default=True, description="read the text in both directions")
    residual: bool = Field(
        default=False, description="each layer above the first adds its input to its output"
    )
    dropout: Fraction = Field(default=0.2, description="dropout rate")

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
    units: Width = Field(default=256, description="width of the layers")
    layers: Layers = Field(default=1, description="number of layers")
    heads: Count = Field(default=4, description="attention heads per layer")
    feedforward_units: Annotated[int, Field(ge=1, le=2**16)] | None = Field(
        default=None, description="width of the feed-forward networks; null for 4 · units"
    )
    positions: Literal["sinusoidal", "learned"] = Field(
        default="sinusoidal", description="position embeddings"
    )
    max_positions: Annotated[int, Field(ge=1, le=2**16)] = Field(
        default=256, description="rows of learned positions; later positions share the last one"
    )
    dropout: Fraction = Field(default=0.2, description="dropout rate")

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.units % self.heads:
            raise ValueError(f"units must be a multiple of heads, got {self.units} and {self.heads}")
        check_size(self.layers, self.units, self.feedforward_units or 4 * self.units)
        return self


EncoderConfig = Annotated[RecurrentEncoderConfig | TransformerEncoderConfig, Field(discriminator="kind")]
