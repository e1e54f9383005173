"""Decoder configurations: a union discriminated by ``kind``."""

from typing import Literal

from seqapp.config.base import Config, Count, Fraction


class AttentionDecoderConfig(Config):
    """Stacked LSTM layers with Luong attention on the output of the last layer."""

    kind: Literal["attention"] = "attention"
    units: Count = 256
    layers: Count = 1
    score: Literal["dot", "general"] = "general"
    scaled: bool = True
    dropout: Fraction = 0.2


# A discriminated union once there is a second decoder.
DecoderConfig = AttentionDecoderConfig
