"""Configurations: one file per part, unions discriminated by ``kind``."""

from seqapp.config.base import Config, Count, Fraction
from seqapp.config.classification import (
    ClassificationConfig,
    ClassificationFitConfig,
    ClassificationLimits,
    ClassifierConfig,
    LinearConfig,
    NgramEmbeddingConfig,
)
from seqapp.config.decoders import (
    AttentionDecoderConfig,
    DecoderConfig,
    FixedContextDecoderConfig,
    TransformerDecoderConfig,
)
from seqapp.config.encoders import (
    CausalTransformerEncoderConfig,
    EncoderConfig,
    RecurrentEncoderConfig,
    TransformerEncoderConfig,
)
from seqapp.config.fit import FitConfig
from seqapp.config.language_modelling import (
    LanguageModellingConfig,
    LanguageModellingFitConfig,
    LanguageModellingLimits,
    MaskedLanguageModelConfig,
    NgramLanguageModelConfig,
    RecurrentLanguageModelConfig,
    TokensConfig,
    TransformerLanguageModelConfig,
)
from seqapp.config.search import SearchConfig
from seqapp.config.task import TaskConfig
from seqapp.config.text import SubwordsConfig
from seqapp.config.translation import (
    AugmentationConfig,
    TranslationConfig,
    TranslationFitConfig,
    TranslationLimits,
    TranslatorConfig,
)

__all__ = [
    "AttentionDecoderConfig",
    "AugmentationConfig",
    "CausalTransformerEncoderConfig",
    "ClassificationConfig",
    "ClassificationFitConfig",
    "ClassificationLimits",
    "ClassifierConfig",
    "Config",
    "Count",
    "DecoderConfig",
    "EncoderConfig",
    "FitConfig",
    "FixedContextDecoderConfig",
    "Fraction",
    "LanguageModellingConfig",
    "LanguageModellingFitConfig",
    "LanguageModellingLimits",
    "LinearConfig",
    "MaskedLanguageModelConfig",
    "NgramEmbeddingConfig",
    "NgramLanguageModelConfig",
    "RecurrentEncoderConfig",
    "RecurrentLanguageModelConfig",
    "SearchConfig",
    "SubwordsConfig",
    "TaskConfig",
    "TokensConfig",
    "TransformerDecoderConfig",
    "TransformerEncoderConfig",
    "TransformerLanguageModelConfig",
    "TranslationConfig",
    "TranslationFitConfig",
    "TranslationLimits",
    "TranslatorConfig",
]
