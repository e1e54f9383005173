"""The configuration of a language modelling run."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config, Count, EmbeddingSize, Fraction, Tokens
from seqapp.config.encoders import (
    CausalTransformerEncoderConfig,
    EncoderConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
)
from seqapp.config.fit import FitConfig
from seqapp.config.layer_fields import (
    ContextTokens,
    Dropout,
    FeedforwardUnits,
    Heads,
    Layers,
    RecurrentCell,
    Units,
    check_rotary_heads,
    check_size,
)
from seqapp.config.task import TaskConfig
from seqapp.config.text import SubwordsConfig

_Tied = Annotated[
    bool, Field(description="the output shares the table of the embedding (Press and Wolf 2017)")
]

# Settings of the training that also an n-gram model has.
_TRAINING_OF_NGRAMS = {"seed", "max_examples", "init_from"}


class TokensConfig(SubwordsConfig):
    """Units of a language model, and the training of their SentencePiece model."""

    unit: Literal["subword", "character", "word"] = Field(
        default="subword",
        description="what a token is; with character, one character or one byte; with word, one of the most "
        "frequent words, 4 special tokens included and no bytes: all other words are unknown",
    )

    @property
    def model_type(self) -> str:
        """Same as in `SubwordsConfig`."""
        return {"character": "char", "word": "word"}.get(self.unit, super().model_type)


class RecurrentLanguageModelConfig(Config):
    """Stacked recurrent layers that predict the next token."""

    kind: Literal["recurrent"] = Field(default="recurrent", description="kind of model")
    cell: RecurrentCell = "lstm"
    units: Units = 512
    layers: Layers = 1
    embedding_size: EmbeddingSize = Field(default=256, description="width of the token embedding")
    tied: _Tied = True
    dropout: Fraction = Field(default=0.3, description="dropout rate, before each layer and on the output")

    @model_validator(mode="after")
    def _size(self) -> Self:
        check_size(self.layers, self.units, self.units)
        return self


class TransformerLanguageModelConfig(Config):
    """Causal self-attention layers (pre-LN, rotary positions) that predict the next token."""

    kind: Literal["transformer"] = Field(default="transformer", description="kind of model")
    units: Units = 256
    layers: Layers = 4
    heads: Heads = 4
    feedforward_units: FeedforwardUnits = None
    embedding_size: EmbeddingSize = Field(default=256, description="width of the token embedding")
    context_tokens: ContextTokens = 128
    tied: _Tied = True
    dropout: Dropout = 0.1

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        check_rotary_heads(self.units, self.heads)
        check_size(self.layers, self.units, self.feedforward_units or 4 * self.units)
        return self


class NgramLanguageModelConfig(Config):
    """Interpolated modified Kneser-Ney n-gram model, which has no network and no epochs."""

    kind: Literal["ngram"] = Field(default="ngram", description="kind of model")
    order: Annotated[int, Field(ge=1, le=7)] = Field(default=5, description="tokens of the longest n-gram")
    pruned: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        default=0, description="n-grams of three tokens and more that occur at most so often are left out"
    )


class MaskedLanguageModelConfig(Config):
    """Bidirectional encoder that predicts masked tokens from the tokens on both sides."""

    kind: Literal["masked"] = Field(default="masked", description="kind of model")
    embedding_size: EmbeddingSize = Field(default=256, description="width of the token embedding")
    encoder: EncoderConfig = Field(
        default=TransformerEncoderConfig(units=256, layers=4, heads=4, dropout=0.1),
        description="encoder, one that reads in both directions",
    )
    mask_rate: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        default=0.15, description="share of the words that are chosen for prediction in training"
    )

    @model_validator(mode="after")
    def _both_directions(self) -> Self:
        if isinstance(self.encoder, CausalTransformerEncoderConfig):
            raise ValueError(
                "encoder.kind must not be causal_transformer with kind=masked, which reads the tokens on "
                "both sides; give transformer or recurrent, or kind=transformer for one direction"
            )
        if isinstance(self.encoder, RecurrentEncoderConfig) and not self.encoder.bidirectional:
            raise ValueError(
                "encoder.bidirectional must be true with kind=masked, which reads the tokens on both sides; "
                "for one direction give kind=recurrent"
            )
        return self


LanguageModelConfig = Annotated[
    RecurrentLanguageModelConfig
    | TransformerLanguageModelConfig
    | NgramLanguageModelConfig
    | MaskedLanguageModelConfig,
    Field(discriminator="kind"),
]


class LanguageModellingLimits(Config):
    """What a served language model reads and writes at most, in tokens."""

    text_tokens: Tokens = Field(default=128, description="tokens of a text, EOS included; the rest is cut")
    prompt_tokens: Tokens = Field(
        default=128, description="tokens of a prompt; of a longer one the end is read"
    )
    completion_tokens: Tokens = Field(default=64, description="tokens of a completion, EOS included")
    next_tokens: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=10,
        description="number of likeliest tokens that a served model names, next or masked; at most all there "
        "are",
    )


class LanguageModellingFitConfig(FitConfig):
    """Training settings of a language model; longer lines are cut, documents are not."""

    batch_tokens: Count = Field(default=1024, description="tokens per batch, padding included")
    bucket_width: Count = Field(default=8, description="step of the lengths that texts are padded to")


class LanguageModellingConfig(TaskConfig):
    """All settings of a language modelling run."""

    task: Literal["language-modelling"] = Field(
        default="language-modelling", description="name of the task"
    )
    language: str = Field(default="", description="language of the texts; empty if not given")
    texts: Literal["lines", "documents"] = Field(
        default="lines",
        description="what a text is: a line, cut at limits.text_tokens; or a document, the lines between "
        "empty lines, read in segments of limits.text_tokens that carry the state",
    )
    subwords: TokensConfig = Field(default=TokensConfig(), description="tokenizer")
    model: LanguageModelConfig = Field(
        default=RecurrentLanguageModelConfig(), description="language model"
    )
    ngrams: NgramLanguageModelConfig | None = Field(
        default=None,
        description="n-gram model that is interpolated with the network; null for the network alone",
    )
    limits: LanguageModellingLimits = Field(
        default=LanguageModellingLimits(), description="limits of a served model"
    )
    training: LanguageModellingFitConfig = Field(
        default=LanguageModellingFitConfig(), description="training"
    )

    @model_validator(mode="after")
    def _one_ngram_model(self) -> Self:
        if self.ngrams is not None and not self.has_network:
            raise ValueError(
                "ngrams must be null with model.kind=ngram, which is an n-gram model already; give a network"
            )
        if self.ngrams is not None and self.objective == "masked":
            raise ValueError(
                "ngrams must be null with model.kind=masked, whose probabilities are not of the next token; "
                "give a recurrent or transformer model"
            )
        return self

    @model_validator(mode="after")
    def _masked_texts(self) -> Self:
        if self.objective == "causal":
            return self
        if self.subwords.unit == "word":
            raise ValueError(
                "subwords.unit must be subword or character with model.kind=masked, whose mask is the "
                "token of unknown words, got word"
            )
        if self.has_documents:
            raise ValueError(
                "texts must be lines with model.kind=masked, whose encoder carries no state from segment to "
                "segment, got documents"
            )
        return self

    @property
    def objective(self) -> Literal["causal", "masked"]:
        """What the model predicts, by its kind: the next token, or masked tokens."""
        return "masked" if isinstance(self.model, MaskedLanguageModelConfig) else "causal"

    @property
    def has_documents(self) -> bool:
        """Whether texts are documents, which are read to their end."""
        return self.texts == "documents"

    @property
    def has_network(self) -> bool:
        """Whether `model` is a network."""
        return not isinstance(self.model, NgramLanguageModelConfig)

    @property
    def without_effect(self) -> frozenset[str]:
        """See `TaskConfig`: without a network most settings of the training."""
        if self.has_network:
            return frozenset()
        names = type(self.training).model_fields.keys() - _TRAINING_OF_NGRAMS
        return frozenset(f"training.{name}" for name in names)

    @property
    def ngram_settings(self) -> NgramLanguageModelConfig | None:
        """Settings of the n-gram model, alone or interpolated with a network; None if there is none."""
        return self.model if isinstance(self.model, NgramLanguageModelConfig) else self.ngrams
