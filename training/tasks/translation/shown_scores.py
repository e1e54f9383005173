"""Scores of translation models that are printed, the main one first."""

from training.evaluation.score_format import ScoreFormat

TOKENIZED_BLEU = ScoreFormat("tokenized_bleu", "BLEU of the language's tokenizer", 1)
SHOWN_SCORES = (
    ScoreFormat("chrf", "chrF", 1),
    ScoreFormat("bleu", "BLEU", 1),
    ScoreFormat("character_bleu", "character BLEU", 1),
    TOKENIZED_BLEU,
    ScoreFormat("exact_match", "exact match", 1, percent=True),
)
