"""What a run is made of: frozen, checked, strict.

A configuration refuses nonsense when it is made and unknown keys when it is read. Its resolved copy
lies in the run directory's ``config.json``.
"""

import difflib
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from seqapp.errors import ConfigError

Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]

# Special ids, the same in every vocabulary.
PAD_ID, BOS_ID, EOS_ID, UNK_ID = 0, 1, 2, 3


class Config(BaseModel):
    """Base of all configurations: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(_in_words(type(self), error)) from None

    @classmethod
    def read(cls, values: dict[str, Any]) -> Self:
        """Makes a configuration from parsed JSON. Raises `ConfigError`."""
        try:
            return cls(**values)
        except TypeError as error:
            raise ConfigError(f"{cls.__name__}: expected an object of settings, got {values!r}") from error

    def with_changes(self, **changes: Any) -> Self:
        """The same configuration with some values replaced, checked again."""
        return type(self)(**{**dict(self), **changes})


def _in_words(cls: type[BaseModel], error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"]) or "(all)"
        if item["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(item["loc"][-1]), cls.model_fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(cls.model_fields)}"
            lines.append(f"{where} is not a setting; {hint}")
        elif item["type"] == "value_error":
            lines.append(f"{where}: {item['msg'].removeprefix('Value error, ')}")
        else:
            lines.append(f"{where}: {item['msg']}, got {item['input']!r}")
    return f"{cls.__name__}: " + "; ".join(lines)


class SubwordsConfig(Config):
    """How the SentencePiece model is trained."""

    vocabulary_size: Annotated[int, Field(ge=300)] = 4000  # 256 byte pieces and 4 special ids are among them
    character_coverage: Annotated[float, Field(gt=0.9, le=1.0)] = 0.9999
    max_training_sentences: Count = 1_000_000


class EncoderConfig(Config):
    """How a sequence is read: what the networks' configurations share."""

    encoder: Literal["recurrent", "stack"] = "recurrent"
    encoder_units: Count = 256  # of a recurrent encoder: of both directions together
    encoder_layers: Count = 1
    bidirectional: bool = True  # recurrent only
    heads: Count = 4  # stack only, like the three that follow
    feedforward_units: Count | None = None  # None for 4 · encoder_units
    positions: Literal["sinusoidal", "learned"] = "sinusoidal"
    max_positions: Count = 256  # learned positions; those beyond share the last one
    dropout: Fraction = 0.2

    @model_validator(mode="after")
    def _encoder_units_divide(self) -> Self:
        if self.encoder == "recurrent" and self.bidirectional and self.encoder_units % 2:
            raise ValueError(
                "encoder_units must be even when bidirectional (half for each direction), "
                f"got {self.encoder_units}"
            )
        if self.encoder == "stack" and self.encoder_units % self.heads:
            raise ValueError(
                f"encoder_units must be a multiple of heads, got {self.encoder_units} and {self.heads}"
            )
        return self


class TranslatorConfig(EncoderConfig):
    """The network of a translator: any encoder, Luong attention, recurrent decoder."""

    embedding_size: Count = 256
    decoder_units: Count = 256
    decoder_layers: Count = 1
    attention_score: Literal["dot", "general"] = "general"
    attention_scaled: bool = True

    @model_validator(mode="after")
    def _dot_needs_equal_widths(self) -> Self:
        if self.attention_score == "dot" and self.encoder_units != self.decoder_units:
            raise ValueError(
                "attention_score 'dot' needs encoder_units == decoder_units, got "
                f"{self.encoder_units} and {self.decoder_units}; use 'general'"
            )
        return self


class SearchConfig(Config):
    """How text is searched for when a model is asked."""

    beam_width: Count = 4
    length_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0  # alpha of Wu et al. 2016, equation 14
    length_factor: Annotated[float, Field(gt=0.0)] = 2.0  # longest target = factor · source ids + offset
    length_offset: Annotated[int, Field(ge=0)] = 10


class FitConfig(Config):
    """How the weights are found, whatever the task."""

    epochs: Count = 10
    max_pairs: Count | None = None  # train on this many, drawn by the seed; None for all
    batch_tokens: Count = 512  # ids of a batch (of translation: target ids), padding included
    max_source_length: Count = 64  # ids, EOS included
    bucket_width: Count = 4
    learning_rate: Annotated[float, Field(gt=0.0)] = 2e-3
    final_learning_rate: Annotated[float, Field(ge=0.0)] = 2e-5
    warmup_fraction: Fraction = 0.04
    clip_norm: Annotated[float, Field(gt=0.0)] = 1.0
    label_smoothing: Fraction = 0.1
    seed: Annotated[int, Field(ge=0)] = 1


class TrainingConfig(FitConfig):
    """How a translator's weights are found; longer pairs are not trained on."""

    max_target_length: Count = 64
    validation_sentences: Count = 500  # translated after each epoch for the validation score


class TranslationConfig(Config):
    """Everything that a translation run is made of."""

    task: Literal["translation"] = "translation"
    source_language: str = ""
    target_language: str = ""
    subwords: SubwordsConfig = SubwordsConfig()
    model: TranslatorConfig = TranslatorConfig()
    search: SearchConfig = SearchConfig()
    training: TrainingConfig = TrainingConfig()


class ClassifierConfig(EncoderConfig):
    """The network of a classifier: embedding, any encoder, context vector, class scores."""

    embedding_size: Count = 128
    ngrams: Annotated[int, Field(ge=1, le=5)] = 1  # longest run of pieces with a vector of its own
    ngram_buckets: Count = 65536
    ngram_dropout: Fraction = 0.5
    encoder_units: Count = 128
    pooling: Literal["last", "mean", "attention"] = "attention"
    dropout: Fraction = 0.3
    token_dropout: Fraction = 0.1  # pieces that training replaces by UNK
    character_run: Annotated[int, Field(ge=0, le=12)] = 8  # longest run of the linear part; 0 for none
    character_buckets: Count = 2**20  # fewer where there are more than 16 classes


class ClassifierTrainingConfig(FitConfig):
    """How a classifier's weights are found; longer texts are cut, in training as in serving."""

    batch_tokens: Count = 2048
    max_source_length: Count = 128
    bucket_width: Count = 8
    label_smoothing: Fraction = 0.0
    class_weights: bool = False  # every class counts the same, however rare


class ClassificationConfig(Config):
    """Everything that a classification run is made of."""

    task: Literal["classification"] = "classification"
    language: str = ""
    multi_label: str = ""  # what separates several labels of one text; "" for one label a text
    subwords: SubwordsConfig = SubwordsConfig(vocabulary_size=8000)
    model: ClassifierConfig = ClassifierConfig()
    training: ClassifierTrainingConfig = ClassifierTrainingConfig()
