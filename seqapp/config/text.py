"""Tokenizer settings."""

from typing import Annotated

from pydantic import Field

from seqapp.config.base import Config, Count


class SubwordsConfig(Config):
    """Training of the SentencePiece model."""

    vocabulary_size: Annotated[int, Field(ge=300, le=2**18)] = Field(
        default=4000, description="target number of tokens, 256 byte tokens and 4 special tokens included"
    )
    character_coverage: Annotated[float, Field(gt=0.9, le=1.0)] = Field(
        default=0.9999, description="share of the characters that get a token; the others are spelt in bytes"
    )
    max_training_sentences: Count = Field(
        default=1_000_000, description="sentences that the vocabulary is learnt from at most"
    )

    @property
    def model_type(self) -> str:
        """Kind of SentencePiece model."""
        return "unigram"
