"""Tokenizer settings."""

from typing import Annotated

from pydantic import Field

from seqapp.config.base import Config, Count


class SubwordsConfig(Config):
    """Training of the SentencePiece model."""

    # Includes 256 byte tokens and 4 special tokens.
    vocabulary_size: Annotated[int, Field(ge=300, le=2**18)] = 4000
    character_coverage: Annotated[float, Field(gt=0.9, le=1.0)] = 0.9999
    max_training_sentences: Count = 1_000_000
