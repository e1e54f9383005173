"""Tasks: a network together with its vocabulary, strings in and strings out."""

import seqapp.keras_backend  # noqa: F401  before Keras
