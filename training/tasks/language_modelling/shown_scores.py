"""Scores of language models that are printed, the main one first."""

from training.evaluation.score_format import ScoreFormat

SHOWN_SCORES = (
    ScoreFormat("bits_per_byte", "bits per byte", 3, lower_is_better=True),
    ScoreFormat("perplexity", "perplexity per token", 1, lower_is_better=True),
)
# Of masked language models, under names of their own: the bits are not comparable with those above.
MASKED_SCORES = (
    ScoreFormat("masked_bits_per_byte", "masked bits per byte", 3, lower_is_better=True),
    ScoreFormat("masked_accuracy", "accuracy of masked tokens", 1, percent=True),
)
