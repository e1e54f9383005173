"""The configuration of a translation run."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config, Count, EmbeddingSize, Fraction, Tokens
from seqapp.config.decoders import AttentionDecoderConfig, DecoderConfig, TransformerDecoderConfig
from seqapp.config.encoders import EncoderConfig, RecurrentEncoderConfig
from seqapp.config.fit import FitConfig
from seqapp.config.search import SearchConfig
from seqapp.config.task import TaskConfig
from seqapp.config.text import SubwordsConfig


def _share(description: str) -> Any:
    """A field for a fraction that is 0 by default: none of the rows, words or tokens."""
    return Field(default=0.0, description=description)


class TranslatorConfig(Config):
    """Network of a translation model: shared embedding, encoder, decoder."""

    embedding_size: EmbeddingSize = Field(
        default=256, description="width of the token embedding, shared by source, target and output"
    )
    encoder: EncoderConfig = Field(default=RecurrentEncoderConfig(), description="encoder")
    decoder: DecoderConfig = Field(default=AttentionDecoderConfig(), description="decoder")
    reverse_source: bool = Field(
        default=False, description="the encoder reads the source from its end (Sutskever et al. 2014)"
    )

    @model_validator(mode="after")
    def _dot_needs_equal_widths(self) -> Self:
        score = self.decoder.score if isinstance(self.decoder, AttentionDecoderConfig) else None
        if score == "dot" and self.encoder.units != self.decoder.units:
            raise ValueError(
                "decoder.score 'dot' needs encoder.units == decoder.units, got "
                f"{self.encoder.units} and {self.decoder.units}; use 'general'"
            )
        return self


class TranslationLimits(Config):
    """What a served translator reads and writes at most, in ids, EOS included."""

    source_ids: Tokens = Field(
        default=64, description="tokens of a source sentence, EOS included; the rest is cut"
    )
    target_ids: Tokens = Field(default=138, description="tokens of a translated sentence, EOS included")
    sentences: Annotated[int, Field(ge=1, le=2**16)] = Field(
        default=64, description="sentences of a text; the rest is cut"
    )


class AugmentationConfig(Config):
    """Shares of training rows to augment; the first four are drawn anew each epoch and sum to at most 1.

    Only sources are changed; scripts without case stay unchanged. Rows are drawn by the seed.
    """

    upper_case: Fraction = _share("share of sources in upper case: THE FILE IS SAVED.")
    lower_case: Fraction = _share("share of sources in lower case: the file is saved.")
    title_case: Fraction = _share("share of sources in title case: The File Is Saved.")
    without_final_stop: Fraction = _share("share of sources without their final stop: The file is saved")
    joined: Fraction = _share(
        "share of rows joined from two, the first without a stop: How to save Click OK."
    )

    @model_validator(mode="after")
    def _shares(self) -> Self:
        total = self.upper_case + self.lower_case + self.title_case + self.without_final_stop
        if total > 1:
            raise ValueError(f"the shares must be at most 1 together, got {total:g}")
        return self


class TranslationFitConfig(FitConfig):
    """Training settings of a translation model; longer pairs are dropped."""

    batch_tokens: Count = Field(default=512, description="target tokens per batch, padding included")
    label_smoothing: Fraction = Field(
        default=0.1, description="the reference token gets a target probability of 1 minus this value"
    )
    max_target_ids: Tokens = Field(
        default=64, description="tokens of the longest target trained on, EOS included"
    )
    validation_sentences: Count = Field(
        default=500, description="sentences translated after each epoch for the validation score"
    )
    scheduled_sampling: Fraction = _share(
        "share of target inputs that the model draws itself, reached linearly (Bengio et al. 2015)"
    )
    subword_sampling: Fraction = _share(
        "probability of each word to get a random segmentation in an epoch (Kudo 2018)"
    )
    token_dropout: Fraction = _share("share of source and target input tokens replaced by the unknown token")
    r_drop: Annotated[float, Field(ge=0.0, le=100.0)] = Field(
        default=0.0, description="coefficient of R-Drop (Wu et al. 2021); a batch then has half as many rows"
    )
    distil_from: str = Field(
        default="",
        description="run whose translations are the targets (Kim and Rush 2016); empty for references",
    )
    distil_with_references: bool = Field(
        default=False, description="with distil_from: the references are further training rows"
    )
    augmentation: AugmentationConfig = Field(
        default=AugmentationConfig(), description="shares of training rows to augment"
    )


class TranslationConfig(TaskConfig):
    """All settings of a translation run."""

    task: Literal["translation"] = Field(default="translation", description="name of the task")
    source_language: str = Field(default="", description="language tag of the sources, such as en")
    target_language: str = Field(default="", description="language tag of the targets, such as pt-BR")
    split_sentences: bool = Field(
        default=True, description="a served text is translated sentence by sentence"
    )
    subwords: SubwordsConfig = Field(default=SubwordsConfig(), description="tokenizer")
    model: TranslatorConfig = Field(default=TranslatorConfig(), description="network")
    limits: TranslationLimits = Field(default=TranslationLimits(), description="limits of a served model")
    search: SearchConfig = Field(default=SearchConfig(), description="search for translations")
    training: TranslationFitConfig = Field(default=TranslationFitConfig(), description="training")

    @model_validator(mode="after")
    def _sampled_inputs_need_a_recurrent_decoder(self) -> Self:
        if self.training.scheduled_sampling and isinstance(self.model.decoder, TransformerDecoderConfig):
            raise ValueError(
                "training.scheduled_sampling must be 0 with a transformer decoder, which has no step-by-step "
                f"training, got {self.training.scheduled_sampling}"
            )
        return self
