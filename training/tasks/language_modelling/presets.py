"""Named configurations of language models."""

from typing import Any

from seqapp.config import (
    LanguageModellingConfig,
    LanguageModellingFitConfig,
    LanguageModellingLimits,
    MaskedLanguageModelConfig,
    NgramLanguageModelConfig,
    RecurrentLanguageModelConfig,
    TokensConfig,
    TransformerLanguageModelConfig,
)
from seqapp.config.layer_fields import Cell
from training.tasks.preset_note import PresetNote


def _recurrent(cell: Cell, **training: Any) -> LanguageModellingConfig:
    return _network(RecurrentLanguageModelConfig(cell=cell), **training)


def _network(
    model: RecurrentLanguageModelConfig | TransformerLanguageModelConfig | MaskedLanguageModelConfig,
    **training: Any,
) -> LanguageModellingConfig:
    return LanguageModellingConfig(
        model=model, training=LanguageModellingFitConfig(**{"epochs": 10, "patience": 3, **training})
    )


PRESETS: dict[str, LanguageModellingConfig] = {
    "tiny": LanguageModellingConfig(
        subwords=TokensConfig(vocabulary_size=1000),
        model=RecurrentLanguageModelConfig(units=64, embedding_size=32, dropout=0.1),
        limits=LanguageModellingLimits(text_tokens=32, prompt_tokens=32, completion_tokens=24),
        training=LanguageModellingFitConfig(
            epochs=4, max_examples=4000, batch_tokens=512, learning_rate=8e-3
        ),
    ),
    "ngram": LanguageModellingConfig(model=NgramLanguageModelConfig()),
    "simple-rnn": _recurrent("simple_rnn", learning_rate=1e-3, epochs=20),
    "gru": _recurrent("gru"),
    "base": _recurrent("lstm"),
    "transformer": _network(
        TransformerLanguageModelConfig(dropout=0.2), learning_rate=1e-3, warmup_fraction=0.1
    ),
    "masked": _network(MaskedLanguageModelConfig(), learning_rate=1e-3, warmup_fraction=0.1),
}
NOTES = {
    "tiny": PresetNote("for tests, trained in seconds: one small LSTM", 59_880),
    "ngram": PresetNote("interpolated modified Kneser-Ney of order 5, no network", 0, 5),
    "simple-rnn": PresetNote("a simple recurrent network (Elman 1990)", 1_552_800),
    "gru": PresetNote("base with a GRU", 2_341_792),
    "base": PresetNote("the default: an LSTM", 2_733_984, 1_564),
    "transformer": PresetNote("causal self-attention with rotary positions and sliding context", 4_187_552),
    "masked": PresetNote("a Transformer encoder that predicts masked words from both sides", 4_253_856),
}
