"""Named configurations of translation models."""

from typing import Any

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
from training.tasks.preset_note import PresetNote

# Shares tuned on help pages: with fewer upper-case sources, upper-case input is translated badly; with
# more, the score on ordinary text drops.
_AUGMENTED = AugmentationConfig(
    upper_case=0.11, lower_case=0.03, title_case=0.04, without_final_stop=0.02, joined=0.14
)
# +0.4 validation chrF over 1.0, equal to 2.0.
_SEARCH = SearchConfig(length_penalty=1.5)
# Few rows need as many steps as many (docs/training.md).
_LENGTH: dict[str, Any] = {"epochs": 11, "min_steps": 6000, "patience": 5}

PRESETS: dict[str, TranslationConfig] = {
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
    "quick": TranslationConfig(
        model=TranslatorConfig(
            embedding_size=128,
            encoder=RecurrentEncoderConfig(units=128, dropout=0.1),
            decoder=AttentionDecoderConfig(units=128, dropout=0.1),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(
            epochs=8, min_steps=3000, patience=5, learning_rate=4e-3, augmentation=_AUGMENTED
        ),
    ),
    "base": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(dropout=0.3), decoder=AttentionDecoderConfig(dropout=0.3)
        ),
        search=_SEARCH,
        # Up to three times the other presets': +3.3 test chrF over 11 (docs/training.md).
        training=TranslationFitConfig(**{**_LENGTH, "epochs": 33}, augmentation=_AUGMENTED),
    ),
    "fixed": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(units=512, dropout=0.3),
            decoder=FixedContextDecoderConfig(units=512, context_every_step=True, dropout=0.3),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(**_LENGTH, augmentation=_AUGMENTED),
    ),
    "gru": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(cell="gru", dropout=0.3),
            decoder=AttentionDecoderConfig(cell="gru", dropout=0.3),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(**_LENGTH, augmentation=_AUGMENTED),
    ),
    "bahdanau": TranslationConfig(
        model=TranslatorConfig(
            encoder=RecurrentEncoderConfig(cell="gru", dropout=0.3),
            decoder=AttentionDecoderConfig(
                cell="gru", score="additive", scaled=False, order="bahdanau", dropout=0.3
            ),
        ),
        search=_SEARCH,
        training=TranslationFitConfig(**_LENGTH, augmentation=_AUGMENTED),
    ),
    "transformer": TranslationConfig(
        model=TranslatorConfig(
            encoder=TransformerEncoderConfig(layers=3), decoder=TransformerDecoderConfig(layers=3)
        ),
        search=_SEARCH,
        training=TranslationFitConfig(
            epochs=11,
            min_steps=3000,
            patience=5,
            batch_tokens=1024,
            learning_rate=1e-3,
            warmup_fraction=0.1,
            augmentation=_AUGMENTED,
        ),
    ),
    "hybrid": TranslationConfig(
        model=TranslatorConfig(encoder=TransformerEncoderConfig(layers=3)),
        search=_SEARCH,
        training=TranslationFitConfig(**_LENGTH, augmentation=_AUGMENTED),
    ),
    # The encoder runs once per sentence and may be wide: with 256 units, and 128 in the decoder, test chrF
    # was 1.6 lower.
    "fast": TranslationConfig(
        model=TranslatorConfig(
            embedding_size=128,
            encoder=RecurrentEncoderConfig(units=512, dropout=0.3),
            decoder=AttentionDecoderConfig(units=192, dropout=0.3),
        ),
        search=SearchConfig(beam_width=1),
        training=TranslationFitConfig(
            **{**_LENGTH, "epochs": 12}, learning_rate=3e-3, augmentation=_AUGMENTED
        ),
    ),
}
NOTES = {
    "tiny": PresetNote("for tests and toy tasks, such as reversing digits", 155_425, 16, 1.07),
    "quick": PresetNote("for a first look at new data", 861_472, 155, 0.95),
    "base": PresetNote("the default: LSTMs with attention", 2_407_072, 1_350, 0.8),
    "fixed": PresetNote(
        "base without attention: a wider network, one vector for the source", 6_931_360, None, 0.64
    ),
    "gru": PresetNote("base with GRUs", 1_981_856, None, 0.91),
    "bahdanau": PresetNote("GRUs, additive attention before the step", 2_244_256, None, 0.89),
    "transformer": PresetNote("self-attention in encoder and decoder", 6_558_624, None, 0.87),
    "hybrid": PresetNote("a Transformer encoder under the LSTM decoder", 4_382_624, 1_013, 0.78),
    "fast": PresetNote(
        "for speed: small decoder, greedy search, trained on the translations of a teacher", 2_202_848, 1_114
    ),
}
# Preset that learns from a teacher → preset of the teacher run used by default.
TEACHERS = {"fast": "base"}
