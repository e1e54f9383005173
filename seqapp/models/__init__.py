"""Keras models: `Translator` (encoder-decoder), `Classifier` and the networks of language models."""

import seqapp.keras_backend  # noqa: F401  before Keras
from seqapp.models.classifier import Classifier
from seqapp.models.masked_language_model import MaskedLanguageModel
from seqapp.models.recurrent_language_model import RecurrentLanguageModel
from seqapp.models.transformer_language_model import TransformerLanguageModel
from seqapp.models.translator import Translator

# isort: split
import seqapp.keras_classes  # noqa: F401  last: it imports this package

__all__ = [
    "Classifier",
    "MaskedLanguageModel",
    "RecurrentLanguageModel",
    "TransformerLanguageModel",
    "Translator",
]
