"""Small networks of language models to test with."""

import random

from seqapp.config import RecurrentLanguageModelConfig, TransformerLanguageModelConfig
from seqapp.models.network_language_model import NetworkLanguageModel
from seqapp.models.recurrent_language_model import RecurrentLanguageModel
from seqapp.models.transformer_language_model import TransformerLanguageModel

VOCABULARY_SIZE = 12
CONFIGS = {
    "lstm": RecurrentLanguageModelConfig(cell="lstm", units=8, embedding_size=6, layers=2),
    "gru": RecurrentLanguageModelConfig(cell="gru", units=8, embedding_size=8),
    "simple_rnn": RecurrentLanguageModelConfig(cell="simple_rnn", units=8, embedding_size=6, tied=False),
    "transformer": TransformerLanguageModelConfig(units=8, embedding_size=6, layers=2, heads=2),
    "sliding": TransformerLanguageModelConfig(
        units=8, embedding_size=8, layers=2, heads=2, context_tokens=3, tied=False
    ),
}


def small_network(name: str, dtype: str = "float32", **changes) -> NetworkLanguageModel:
    """A built network of `CONFIGS` with changed settings; the same weights for the same settings."""
    random.seed(1)
    config = CONFIGS[name].with_changes(**changes)
    cls = RecurrentLanguageModel if config.kind == "recurrent" else TransformerLanguageModel
    network = cls(VOCABULARY_SIZE, config, dtype=dtype)
    network.build()
    return network
