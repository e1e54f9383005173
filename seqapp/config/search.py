"""Decoding settings."""

from typing import Annotated

from pydantic import Field

from seqapp.config.base import Config


class SearchConfig(Config):
    """Beam search and maximum target length."""

    beam_width: Annotated[int, Field(ge=1, le=256)] = Field(
        default=4, description="width of the beam; 1 is greedy"
    )
    length_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = Field(
        default=1.0,
        description="alpha of Wu et al. 2016, equation 14; larger values favour longer translations",
    )
    length_factor: Annotated[float, Field(gt=0.0, le=1000.0)] = Field(
        default=2.0, description="longest translation in tokens: this factor · source tokens + length_offset"
    )
    length_offset: Annotated[int, Field(ge=0, le=2**16)] = Field(default=10, description="see length_factor")
