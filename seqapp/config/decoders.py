"""Decoder configurations: a union discriminated by ``kind``."""

from typing import Literal, Self

from pydantic import model_validator

from seqapp.config.base import Config, Fraction, Layers, Width, check_size


class AttentionDecoderConfig(Config):
    """Stacked LSTM layers with Luong attention on the output of the last layer."""

    kind: Literal["attention"] = "attention"
    units: Width = 256
    layers: Layers = 1
    score: Literal["dot", "general"] = "general"
    scaled: bool = True
    dropout: Fraction = 0.2

    @model_validator(mode="after")
    def _size(self) -> Self:
        check_size(self.layers, self.units, self.units)
        return self


# A discriminated union once there is a second decoder.
DecoderConfig = AttentionDecoderConfig
