"""Options of a search that a certain model cannot meet."""

from collections.abc import Sequence

from seqapp.config import FixedContextDecoderConfig, TranslationConfig
from seqapp.errors import ConfigError
from seqapp.tasks.translation_options import TranslationOptions
from seqapp.text.subwords import Subwords


def has_coverage(config: TranslationConfig) -> bool:
    """Whether the decoder has attention, of which a coverage penalty is computed."""
    return not isinstance(config.model.decoder, FixedContextDecoderConfig)


def check_search_limits(
    options: TranslationOptions, prefixes: Sequence[bytes], config: TranslationConfig, subwords: Subwords
) -> None:
    """Raises `ConfigError` for options that the model of a configuration cannot meet.

    Served requests are not refused for these, since they share batches with others: a top-k above the
    vocabulary draws from all tokens, a prefix is cut at the maximum length, and a decoder without attention
    ignores the coverage penalty.

    Args:
        options: in their ranges.
        prefixes: of the translations.
        config: all settings of the model.
        subwords: its vocabulary.
    """
    if options.coverage_penalty > 0 and not has_coverage(config):
        raise ConfigError(
            f"coverage_penalty: expected 0 for a {config.model.decoder.kind!r} decoder, which has no "
            f"attention, got {options.coverage_penalty}; leave it out"
        )
    if options.top_k > subwords.size:
        raise ConfigError(
            f"top_k: expected at most {subwords.size}, the size of the vocabulary, got {options.top_k}; "
            "0 draws from all tokens"
        )
    _check_prefixes(prefixes, _longest(options, config), subwords)


def _longest(options: TranslationOptions, config: TranslationConfig) -> int:
    most = config.limits.target_ids
    return most if options.max_length is None else min(options.max_length, most)


def _check_prefixes(prefixes: Sequence[bytes], longest: int, subwords: Subwords) -> None:
    different = sorted({prefix for prefix in prefixes if prefix})
    if not different:
        return
    for prefix, length in zip(different, subwords.encode(different).row_lengths().numpy(), strict=True):
        if length > longest:
            raise ConfigError(
                f"prefix: expected at most {longest} tokens with the end, the longest translation of a "
                f"sentence, got {length} in {prefix.decode()!r:.40}; shorten it"
            )
