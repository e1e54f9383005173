"""The configuration of a classification run."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config, Count, EmbeddingSize, Fraction, TableRows, Tokens
from seqapp.config.encoders import EncoderConfig, RecurrentEncoderConfig
from seqapp.config.fit import FitConfig
from seqapp.config.task import TaskConfig
from seqapp.config.text import SubwordsConfig

_MOST_NGRAM_WEIGHTS = 2**28


class NgramEmbeddingConfig(Config):
    """Vectors of token n-grams beside those of single tokens."""

    longest: Annotated[int, Field(ge=1, le=5)] = 1  # tokens; 1 for none
    buckets: TableRows = 65536
    dropout: Fraction = 0.5


class ClassifierConfig(Config):
    """The network of a classifier: embedding, encoder, context vector, class scores."""

    embedding_size: EmbeddingSize = 128
    ngrams: NgramEmbeddingConfig = NgramEmbeddingConfig()
    encoder: EncoderConfig = RecurrentEncoderConfig(units=128, dropout=0.3)
    pooling: Literal["last", "mean", "attention"] = "attention"
    dropout: Fraction = 0.3
    token_dropout: Fraction = 0.1  # tokens that training replaces by UNK

    @model_validator(mode="after")
    def _table(self) -> Self:
        if self.ngrams.buckets * self.embedding_size > _MOST_NGRAM_WEIGHTS:
            raise ValueError(
                f"ngrams.buckets · embedding_size must be at most {_MOST_NGRAM_WEIGHTS:,}, got "
                f"{self.ngrams.buckets} and {self.embedding_size}"
            )
        return self


class LinearConfig(Config):
    """The linear model over character n-grams beside the network."""

    longest: Annotated[int, Field(ge=1, le=12)] = 8  # characters of the longest n-gram
    buckets: TableRows = 2**20  # fewer where there are more than 16 classes


class ClassificationLimits(Config):
    """What a served classifier reads at most."""

    ids: Tokens = 128  # EOS included; the rest is cut, in training as in serving


class ClassificationFitConfig(FitConfig):
    """How a classifier's weights are found."""

    batch_tokens: Count = 2048
    bucket_width: Count = 8
    label_smoothing: Fraction = 0.0
    class_weights: bool = False  # every class counts the same, however rare


class ClassificationConfig(TaskConfig):
    """Everything that a classification run is made of."""

    task: Literal["classification"] = "classification"
    language: str = ""
    multi_label: str = ""  # separates several labels of one text; "" for one label per text
    subwords: SubwordsConfig = SubwordsConfig(vocabulary_size=8000)
    model: ClassifierConfig = ClassifierConfig()
    linear: LinearConfig | None = LinearConfig()  # None for the network alone
    limits: ClassificationLimits = ClassificationLimits()
    training: ClassificationFitConfig = ClassificationFitConfig()
