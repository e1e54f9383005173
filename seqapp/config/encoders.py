"""Encoder configurations: a union discriminated by ``kind``."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config, Count, Fraction, Layers, Width, check_size

Cell = Literal["lstm", "gru", "simple_rnn"]


class RecurrentEncoderConfig(Config):
    """Stacked recurrent layers, unidirectional or bidirectional."""

    kind: Literal["recurrent"] = "recurrent"
    cell: Cell = "lstm"
    units: Width = 256  # of both directions together
    layers: Layers = 1
    bidirectional: bool = True
    residual: bool = False  # each layer above the first adds its input to its output
    dropout: Fraction = 0.2

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

    kind: Literal["transformer"] = "transformer"
    units: Width = 256
    layers: Layers = 1
    heads: Count = 4
    feedforward_units: Annotated[int, Field(ge=1, le=2**16)] | None = None  # None for 4 · units
    positions: Literal["sinusoidal", "learned"] = "sinusoidal"
    # Learned positions; later positions share the last one.
    max_positions: Annotated[int, Field(ge=1, le=2**16)] = 256
    dropout: Fraction = 0.2

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.units % self.heads:
            raise ValueError(f"units must be a multiple of heads, got {self.units} and {self.heads}")
        check_size(self.layers, self.units, self.feedforward_units or 4 * self.units)
        return self


EncoderConfig = Annotated[RecurrentEncoderConfig | TransformerEncoderConfig, Field(discriminator="kind")]
