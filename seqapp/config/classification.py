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

    longest: Annotated[int, Field(ge=1, le=5)] = Field(default=1, description="tokens per n-gram; 1 for none")
    buckets: TableRows = Field(default=65536, description="rows of the table that n-grams are hashed into")
    dropout: Fraction = Field(default=0.5, description="share of whole n-grams left out in training")


class ClassifierConfig(Config):
    """Network of a classifier: embedding, encoder, pooling, logits."""

    embedding_size: EmbeddingSize = Field(default=128, description="width of the token embedding")
    ngrams: NgramEmbeddingConfig = Field(
        default=NgramEmbeddingConfig(),
        description="embeddings of token n-grams, added to those of the tokens",
    )
    encoder: EncoderConfig = Field(
        default=RecurrentEncoderConfig(units=128, dropout=0.3), description="encoder"
    )
    read_bos: bool = Field(
        default=False,
        description="the encoder reads BOS before the text, as a causal language model does",
    )
    pooling: Literal["last", "mean", "attention"] = Field(
        default="attention", description="summary of the encoder's outputs that the classes are computed from"
    )
    dropout: Fraction = Field(default=0.3, description="dropout rate of the embedding and of the summary")
    token_dropout: Fraction = Field(
        default=0.1, description="share of input tokens replaced by the unknown token in training"
    )

    @model_validator(mode="after")
    def _table(self) -> Self:
        if self.ngrams.buckets * self.embedding_size > _MOST_NGRAM_WEIGHTS:
            raise ValueError(
                f"ngrams.buckets · embedding_size must be at most {_MOST_NGRAM_WEIGHTS:,}, got "
                f"{self.ngrams.buckets} and {self.embedding_size}"
            )
        return self


class LinearConfig(Config):
    """Linear model over character and word n-grams, combined with the network."""

    longest: Annotated[int, Field(ge=1, le=12)] = Field(
        default=8, description="characters of the longest character n-gram"
    )
    buckets: TableRows = Field(default=2**22, description="number of hash values of the n-grams")


class ClassificationLimits(Config):
    """Maximum input size of a served classifier."""

    ids: Tokens = Field(default=128, description="tokens per text, EOS included; longer texts are cut")


class ClassificationFitConfig(FitConfig):
    """Training settings of a classifier."""

    batch_tokens: Count = Field(default=2048, description="tokens per batch, padding included")
    bucket_width: Count = Field(default=8, description="step of the lengths that texts are padded to")
    label_smoothing: Fraction = Field(
        default=0.0, description="the label gets a target probability of 1 minus this value"
    )
    unfreeze: Literal["all", "gradual", "none"] = Field(
        default="all",
        description="trained layers of those taken from the run of init_from: all, none, or from the top one "
        "more per epoch, the token embedding last (gradual unfreezing, Howard and Ruder 2018)",
    )
    layer_decay: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        default=1.0,
        description="learning rate of each layer taken from the run of init_from, as a share of that of the "
        "layer above (discriminative fine-tuning, Howard and Ruder 2018)",
    )
    class_weights: bool = Field(default=False, description="weight examples inversely to class frequency")


class ClassificationConfig(TaskConfig):
    """All settings of a classification run."""

    former_keys: ClassVar[Mapping[str, str]] = {"multi_label": "label_separator"}

    task: Literal["classification"] = Field(default="classification", description="name of the task")
    language: str = Field(default="", description="language of the texts; empty if not given")
    label_separator: str = Field(
        default="", description="separator of the labels of a text; empty for one label per text"
    )
    subwords: SubwordsConfig = Field(default=SubwordsConfig(vocabulary_size=8000), description="tokenizer")
    model: ClassifierConfig = Field(default=ClassifierConfig(), description="network")
    linear: LinearConfig | None = Field(
        default=LinearConfig(), description="linear model over character n-grams; null for the network only"
    )
    limits: ClassificationLimits = Field(
        default=ClassificationLimits(), description="limits of a served model"
    )
    training: ClassificationFitConfig = Field(default=ClassificationFitConfig(), description="training")
