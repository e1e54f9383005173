"""Named configurations of classifiers."""

from seqapp.config import (
    ClassificationConfig,
    ClassificationFitConfig,
    ClassificationLimits,
    ClassifierConfig,
    LinearConfig,
    SubwordsConfig,
    TransformerEncoderConfig,
)
from training.tasks.preset_note import PresetNote

PRESETS: dict[str, ClassificationConfig] = {
    "tiny": ClassificationConfig(
        subwords=SubwordsConfig(vocabulary_size=1000),
        model=ClassifierConfig(
            embedding_size=32,
            encoder=TransformerEncoderConfig(units=32, heads=2, feedforward_units=64, dropout=0.1),
            dropout=0.1,
        ),
        linear=LinearConfig(buckets=2**16),
        limits=ClassificationLimits(ids=64),
        training=ClassificationFitConfig(epochs=6, max_examples=4000, batch_tokens=512, learning_rate=5e-3),
    ),
    "base": ClassificationConfig(training=ClassificationFitConfig(epochs=5, min_steps=1000)),
    "transformer": ClassificationConfig(
        model=ClassifierConfig(encoder=TransformerEncoderConfig(units=128, layers=2, dropout=0.3)),
        training=ClassificationFitConfig(epochs=5, min_steps=1000, learning_rate=1e-3),
    ),
}
NOTES = {
    "tiny": PresetNote("for tests, trained in seconds: one Transformer layer", 41_762, None, 1.09),
    "base": PresetNote("the default: a bidirectional LSTM", 1_139_714, 54, 0.8),
    "transformer": PresetNote("a Transformer encoder of two layers", 1_437_698, 349, 0.83),
}
