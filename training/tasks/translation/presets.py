"""Named configurations of translators: how large, how long."""

from seqapp.config import (
    AttentionDecoderConfig,
    AugmentationConfig,
    RecurrentEncoderConfig,
    SearchConfig,
    SubwordsConfig,
    TransformerEncoderConfig,
    TranslationConfig,
    TranslationFitConfig,
    TranslationLimits,
    TranslatorConfig,
)

# Sources as people also write them. The shares were chosen on help pages: fewer capitals leave a text in
# capitals unreadable, more cost ordinary text.
_AUGMENTED = AugmentationConfig(
    upper_case=0.11, lower_case=0.03, title_case=0.04, without_final_stop=0.02, joined=0.14
)
# On validation text 0.4 chrF better than 1, and as good as 2.
_SEARCH = SearchConfig(length_penalty=1.5)

PRESETS: dict[str, TranslationConfig] = {
    # Seconds to a minute: tests, and tasks such as reversing digits.
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
    # Minutes: a look at one's own data.
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
    # The other encoder: three layers of self-attention in place of the recurrent one.
    "transformer": TranslationConfig(
        model=TranslatorConfig(encoder=TransformerEncoderConfig(layers=3)),
        search=_SEARCH,
        training=TranslationFitConfig(epochs=11, augmentation=_AUGMENTED),
    ),
}
