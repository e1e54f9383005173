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

PRESETS: dict[str, ClassificationConfig] = {
    # For tests, trained in seconds: one Transformer layer.
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
    # The default: a bidirectional LSTM.
    "base": ClassificationConfig(training=ClassificationFitConfig(epochs=5)),
    # A Transformer encoder of two layers.
    "transformer": ClassificationConfig(
        model=ClassifierConfig(encoder=TransformerEncoderConfig(units=128, layers=2, dropout=0.3)),
        training=ClassificationFitConfig(epochs=5, learning_rate=1e-3),
    ),
}
