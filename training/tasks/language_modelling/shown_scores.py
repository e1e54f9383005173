"""Scores of language models that are printed, the main one first."""

from training.evaluation.score_format import ScoreFormat

SHOWN_SCORES = (
    ScoreFormat("bits_per_byte", "bits per byte", 3, lower_is_better=True),
    ScoreFormat("perplexity", "perplexity per token", 1, lower_is_better=True),
)
