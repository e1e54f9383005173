"""Named configurations of translation models."""

from seqapp.config import (
    AttentionDecoderConfig,
    AugmentationConfig,
    FixedContextDecoderConfig,
    RecurrentEncoderConfig,
    SearchConfig,
    SubwordsConfig,
    TransformerDecoderConfig,
    TransformerEncoderConfig,
    TranslationConfig,
    TranslationFitConfig,
    TranslationLimits,
    TranslatorConfig,
)

# Shares tuned on help pages: with fewer upper-case sources, upper-case input is translated badly; with
# more, the score on ordinary text drops.
_AUGMENTED = AugmentationConfig(
    upper_case=0.11, lower_case=0.03, title_case=0.04, without_final_stop=0.02, joined=0.14
)
# +0.4 validation chrF over 1.0, equal to 2.0.
_SEARCH = SearchConfig(length_penalty=1.5)

PRESETS: dict[str, TranslationConfig] = {
    # For tests and toy tasks (reversing digits): seconds to a minute.
    "tiny": TranslationConfig(
        subwords=SubwordsConfig(vocabulary_size=1000),
        model=TranslatorConfig(
            embedding_size=64,
            encoder=RecurrentEncoderConfig(units=64, dropout=0.1),
            decoder=AttentionDecoderConfig(units=64, dropout=0.1),
        ),
        limits=TranslationLimits(source_ids=32, target_ids=74),
        training=TranslationFitConfig(
            epochs=12,
            max_examples=4000,
            batch_tokens=256,
            max_target_ids=32,
            learning_rate=8e-3,
            validation_sentences=50,
        ),
    ),
    # Trained in minutes, for a first look at new data.
    "quick": TranslationConfig(
        model=TranslatorConfig(
            embedding_size=128,
            encoder=RecurrentEncoderConfig(units=128, dropout=0.1),
            decoder=AttentionDecoderConfig(units=128, dropout=0.1),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(epochs=8, learning_rate=4e-3, augmentation=_AUGMENTED),
    ),
    # The default: about a quarter of an hour for 20,000 pairs on two CPU cores.
    "base": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(dropout=0.3), decoder=AttentionDecoderConfig(dropout=0.3)
        ),
        search=_SEARCH,
        training=TranslationFitConfig(epochs=11, augmentation=_AUGMENTED),
    ),
    # `base` without attention: a wider network, since one vector holds the whole source.
    "fixed": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(units=512, dropout=0.3),
            decoder=FixedContextDecoderConfig(units=512, context_every_step=True, dropout=0.3),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(epochs=11, augmentation=_AUGMENTED),
    ),
    # `base` with GRUs.
    "gru": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(cell="gru", dropout=0.3),
            decoder=AttentionDecoderConfig(cell="gru", dropout=0.3),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(epochs=11, augmentation=_AUGMENTED),
    ),
    # GRUs, additive attention before the step.
    "bahdanau": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(cell="gru", dropout=0.3),
            decoder=AttentionDecoderConfig(
                cell="gru", score="additive", scaled=False, order="bahdanau", dropout=0.3
            ),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(epochs=11, augmentation=_AUGMENTED),
    ),
    # Self-attention in encoder and decoder.
    "transformer": TranslationConfig(
        model=TranslatorConfig(
            encoder=TransformerEncoderConfig(layers=3), decoder=TransformerDecoderConfig(layers=3)
        ),
        search=_SEARCH,
        training=TranslationFitConfig(
            epochs=11, batch_tokens=1024, learning_rate=1e-3, warmup_fraction=0.1, augmentation=_AUGMENTED
        ),
    ),
    # A Transformer encoder under the LSTM decoder.
    "hybrid": TranslationConfig(
        model=TranslatorConfig(encoder=TransformerEncoderConfig(layers=3)),
        search=_SEARCH,
        training=TranslationFitConfig(epochs=11, augmentation=_AUGMENTED),
    ),
    # For speed: small decoder, greedy search, trained on the translations of a teacher. The encoder runs once
    # per sentence and may be wide: with 256 units, and 128 in the decoder, test chrF was 1.6 lower.
    "fast": TranslationConfig(
        model=TranslatorConfig(
            embedding_size=128,
            encoder=RecurrentEncoderConfig(units=512, dropout=0.3),
            decoder=AttentionDecoderConfig(units=192, dropout=0.3),
        ),
        search=SearchConfig(beam_width=1),
        training=TranslationFitConfig(epochs=12, learning_rate=3e-3, augmentation=_AUGMENTED),
    ),
}
# Preset that learns from a teacher → preset of the teacher run used by default.
TEACHERS = {"fast": "base"}
