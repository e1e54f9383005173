"""Decoders: a union told apart by ``kind``, each with the fields that mean something."""

from typing import Literal, Self

from pydantic import model_validator

from seqapp.config.base import Config, Fraction, Layers, Width, check_size


class AttentionDecoderConfig(Config):
    """Stacked LSTM layers whose top output attends to the memory (Luong's order)."""

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


# A union with a discriminator as soon as there are two.
DecoderConfig = AttentionDecoderConfig
