"""Decoding settings."""

from typing import Annotated

from pydantic import Field

from seqapp.config.base import Config


class SearchConfig(Config):
    """Beam search and maximum target length."""

    beam_width: Annotated[int, Field(ge=1, le=256)] = 4
    length_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0  # alpha of Wu et al. 2016, equation 14
    # Longest target = factor · source ids + offset.
    length_factor: Annotated[float, Field(gt=0.0, le=1000.0)] = 2.0
    length_offset: Annotated[int, Field(ge=0, le=2**16)] = 10
