"""Named configurations: how large, how long."""

import difflib
from typing import Any

from seqapp.config import (
    ClassificationConfig,
    ClassifierConfig,
    ClassifierTrainingConfig,
    SubwordsConfig,
    TrainingConfig,
    TranslationConfig,
    TranslatorConfig,
)
from seqapp.errors import ConfigError

DEFAULT_PRESET = "base"

TRANSLATION: dict[str, TranslationConfig] = {
    # Seconds to a minute: tests, and tasks such as reversing digits.
    "tiny": TranslationConfig(
        subwords=SubwordsConfig(vocabulary_size=1000),
        model=TranslatorConfig(embedding_size=64, encoder_units=64, decoder_units=64, dropout=0.1),
        training=TrainingConfig(
            epochs=12,
            max_pairs=4000,
            batch_tokens=256,
            max_source_length=32,
            max_target_length=32,
            learning_rate=8e-3,
            validation_sentences=50,
        ),
    ),
    # Minutes: a look at one's own data.
    "quick": TranslationConfig(
        subwords=SubwordsConfig(vocabulary_size=4000),
        model=TranslatorConfig(embedding_size=128, encoder_units=128, decoder_units=128, dropout=0.1),
        training=TrainingConfig(epochs=8, learning_rate=4e-3),
    ),
    # The default: about a quarter of an hour for 20,000 pairs on two CPU cores.
    "base": TranslationConfig(model=TranslatorConfig(dropout=0.3), training=TrainingConfig(epochs=11)),
    # The other encoder: three blocks of self-attention in place of the recurrent layer.
    "stack": TranslationConfig(
        model=TranslatorConfig(encoder="stack", encoder_layers=3), training=TrainingConfig(epochs=11)
    ),
}

CLASSIFICATION: dict[str, ClassificationConfig] = {
    # Seconds: tests. A block of self-attention.
    "tiny": ClassificationConfig(
        subwords=SubwordsConfig(vocabulary_size=1000),
        model=ClassifierConfig(
            encoder="stack",
            embedding_size=32,
            encoder_units=32,
            heads=2,
            feedforward_units=64,
            character_buckets=2**16,
            dropout=0.1,
        ),
        training=ClassifierTrainingConfig(
            epochs=6, max_pairs=4000, batch_tokens=512, max_source_length=64, learning_rate=5e-3
        ),
    ),
    # The default: a bidirectional LSTM.
    "base": ClassificationConfig(training=ClassifierTrainingConfig(epochs=5)),
    # Two blocks of multi-head self-attention in its place.
    "stack": ClassificationConfig(
        model=ClassifierConfig(encoder="stack", encoder_layers=2),
        training=ClassifierTrainingConfig(epochs=5, learning_rate=1e-3),
    ),
}

PRESETS: dict[str, dict[str, Any]] = {"translation": TRANSLATION, "classification": CLASSIFICATION}


def preset(task: str, name: str) -> Any:
    """The configuration `name` of `task`. Raises `ConfigError`, with the nearest spelling."""
    known = PRESETS.get(task)
    if known is None:
        raise ConfigError(f"task: expected one of {', '.join(PRESETS)}, got {task!r}")
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
        raise ConfigError(f"preset: {name!r} is not a preset of {task}; {hint}")
    return known[name]
