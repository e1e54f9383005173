"""The configuration of a classification run."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config, Count, EmbeddingSize, Fraction, TableRows, Tokens
from seqapp.config.encoders import EncoderConfig, RecurrentEncoderConfig
from seqapp.config.fit import FitConfig
from seqapp.config.task import TaskConfig
from seqapp.config.text import SubwordsConfig

_MOST_NGRAM_WEIGHTS = 2**28


class NgramEmbeddingConfig(Config):
    """Embeddings of token n-grams, added to those of the tokens."""

    longest: Annotated[int, Field(ge=1, le=5)] = 1  # tokens per n-gram; 1 for none
    buckets: TableRows = 65536
    dropout: Fraction = 0.5


class ClassifierConfig(Config):
    """Network of a classifier: embedding, encoder, pooling, logits."""

    embedding_size: EmbeddingSize = 128
    ngrams: NgramEmbeddingConfig = NgramEmbeddingConfig()
    encoder: EncoderConfig = RecurrentEncoderConfig(units=128, dropout=0.3)
    pooling: Literal["last", "mean", "attention"] = "attention"
    dropout: Fraction = 0.3
    token_dropout: Fraction = 0.1  # share of tokens replaced by UNK in training

    @model_validator(mode="after")
    def _table(self) -> Self:
        if self.ngrams.buckets * self.embedding_size > _MOST_NGRAM_WEIGHTS:
            raise ValueError(
                f"ngrams.buckets · embedding_size must be at most {_MOST_NGRAM_WEIGHTS:,}, got "
                f"{self.ngrams.buckets} and {self.embedding_size}"
            )
        return self


class LinearConfig(Config):
    """Linear model over character n-grams, combined with the network."""

    longest: Annotated[int, Field(ge=1, le=12)] = 8  # characters of the longest n-gram
    buckets: TableRows = 2**20  # reduced for more than 16 classes


class ClassificationLimits(Config):
    """Maximum input size of a served classifier."""

    ids: Tokens = 128  # tokens per text, EOS included; longer texts are cut


class ClassificationFitConfig(FitConfig):
    """Training settings of a classifier."""

    batch_tokens: Count = 2048
    bucket_width: Count = 8
    label_smoothing: Fraction = 0.0
    class_weights: bool = False  # weight examples inversely to class frequency


class ClassificationConfig(TaskConfig):
    """All settings of a classification run."""

    former_keys: ClassVar[Mapping[str, str]] = {"multi_label": "label_separator"}

    task: Literal["classification"] = "classification"
    language: str = ""
    label_separator: str = ""  # separator of the labels of a text; "" for single-label texts
    subwords: SubwordsConfig = SubwordsConfig(vocabulary_size=8000)
    model: ClassifierConfig = ClassifierConfig()
    linear: LinearConfig | None = LinearConfig()  # None for the network only
    limits: ClassificationLimits = ClassificationLimits()
    training: ClassificationFitConfig = ClassificationFitConfig()
