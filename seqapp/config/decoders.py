"""Decoders: a union told apart by ``kind``, each with the fields that mean something."""

from typing import Literal

from seqapp.config.base import Config, Count, Fraction


class AttentionDecoderConfig(Config):
    """Stacked LSTM layers whose top output attends to the memory (Luong's order)."""

    kind: Literal["attention"] = "attention"
    units: Count = 256
    layers: Count = 1
    score: Literal["dot", "general"] = "general"
    scaled: bool = True
    dropout: Fraction = 0.2


# A union with a discriminator as soon as there are two.
DecoderConfig = AttentionDecoderConfig
