"""Scores of language models that are printed, the main one first."""

from seqapp.config import LanguageModellingConfig
from training.evaluation.score_format import ScoreFormat

_OF_TOKENS = (
    ScoreFormat("bits_per_byte", "bits per byte", 3, lower_is_better=True),
    ScoreFormat("perplexity", "perplexity per token", 1, lower_is_better=True),
)
# Of masked language models, under names of their own: the bits are not comparable with those above.
MASKED_SCORES = (
    ScoreFormat("masked_bits_per_byte", "masked bits per byte", 3, lower_is_better=True),
    ScoreFormat("masked_accuracy", "accuracy of masked tokens", 1, percent=True),
)
# Bits per byte are a lower bound there: an unknown word costs one token, not its spelling.
_OF_WORDS = (
    ScoreFormat("perplexity", "perplexity per word", 1, lower_is_better=True),
    ScoreFormat("unknown_words", "unknown words", 1, percent=True, lower_is_better=True),
)


def shown_scores(config: LanguageModellingConfig) -> tuple[ScoreFormat, ...]:
    """Return the scores of a model by its objective and what its tokens are."""
    if config.objective == "masked":
        return MASKED_SCORES
    return _OF_WORDS if config.subwords.unit == "word" else _OF_TOKENS
