"""Keras models: `Translator` (encoder-decoder) and `Classifier`."""

import seqapp.keras_backend  # noqa: F401  before Keras
from seqapp.models.classifier import Classifier
from seqapp.models.translator import Translator

# isort: split
import seqapp.keras_classes  # noqa: F401  last: it imports this package

__all__ = ["Classifier", "Translator"]
