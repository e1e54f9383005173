"""The configuration of a translation run."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from seqapp.config.base import Config, Count, EmbeddingSize, Fraction, Tokens
from seqapp.config.decoders import AttentionDecoderConfig, DecoderConfig, TransformerDecoderConfig
from seqapp.config.encoders import EncoderConfig, RecurrentEncoderConfig
from seqapp.config.fit import FitConfig
from seqapp.config.search import SearchConfig
from seqapp.config.task import TaskConfig
from seqapp.config.text import SubwordsConfig


class TranslatorConfig(Config):
    """Network of a translation model: shared embedding, encoder, decoder."""

    embedding_size: EmbeddingSize = 256
    encoder: EncoderConfig = RecurrentEncoderConfig()
    decoder: DecoderConfig = AttentionDecoderConfig()
    reverse_source: bool = False  # the encoder reads the source from its end (Sutskever et al. 2014)

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

    source_ids: Tokens = 64  # of one sentence; the rest is cut
    target_ids: Tokens = 138  # of one sentence
    sentences: Annotated[int, Field(ge=1, le=2**16)] = 64  # of one text; the rest is cut


class AugmentationConfig(Config):
    """Shares of training rows to augment; the first four are drawn anew each epoch and sum to at most 1.

    Only sources are changed; scripts without case stay unchanged. Rows are drawn by the seed.
    """

    upper_case: Fraction = 0.0  # THE FILE IS SAVED.
    lower_case: Fraction = 0.0  # the file is saved.
    title_case: Fraction = 0.0  # The File Is Saved.
    without_final_stop: Fraction = 0.0  # The file is saved
    joined: Fraction = 0.0  # two short rows joined, the first without a stop: How to save Click OK.

    @model_validator(mode="after")
    def _shares(self) -> Self:
        total = self.upper_case + self.lower_case + self.title_case + self.without_final_stop
        if total > 1:
            raise ValueError(f"the shares must be at most 1 together, got {total:g}")
        return self


class TranslationFitConfig(FitConfig):
    """Training settings of a translation model; longer pairs are dropped."""

    max_target_ids: Tokens = 64
    validation_sentences: Count = 500  # translated after each epoch for the validation score
    # Share of target inputs that the model draws itself, rising linearly to this value (Bengio et al. 2015).
    scheduled_sampling: Fraction = 0.0
    # Probability of each word to get a random segmentation, drawn anew in each epoch (Kudo 2018).
    subword_sampling: Fraction = 0.0
    token_dropout: Fraction = 0.0  # share of source and target input tokens replaced by UNK
    # Coefficient alpha of R-Drop (Wu et al. 2021); a batch then has half as many rows, each of them twice.
    r_drop: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    # Run whose translations of the training sources are the targets (Kim and Rush 2016); "" for references.
    distil_from: str = ""
    distil_with_references: bool = False  # with `distil_from`: the references are further training rows
    augmentation: AugmentationConfig = AugmentationConfig()


class TranslationConfig(TaskConfig):
    """All settings of a translation run."""

    task: Literal["translation"] = "translation"
    source_language: str = ""
    target_language: str = ""
    split_sentences: bool = True  # a served text is translated sentence by sentence
    subwords: SubwordsConfig = SubwordsConfig()
    model: TranslatorConfig = TranslatorConfig()
    limits: TranslationLimits = TranslationLimits()
    search: SearchConfig = SearchConfig()
    training: TranslationFitConfig = TranslationFitConfig()

    @model_validator(mode="after")
    def _sampled_inputs_need_a_recurrent_decoder(self) -> Self:
        if self.training.scheduled_sampling and isinstance(self.model.decoder, TransformerDecoderConfig):
            raise ValueError(
                "training.scheduled_sampling must be 0 with a transformer decoder, which has no step-by-step "
                f"training, got {self.training.scheduled_sampling}"
            )
        return self
