"""Scores of classifiers that are printed, the main one first."""

from training.evaluation.score_format import ScoreFormat

_ACCURACY = ScoreFormat("accuracy", "accuracy", 2, percent=True)
_MACRO_F1 = ScoreFormat("macro_f1", "macro-F1", 4)
_MICRO_F1 = ScoreFormat("micro_f1", "micro-F1", 4)


def shown_scores(label_separator: str) -> tuple[ScoreFormat, ...]:
    """Return the scores; with one label per text micro-F1 equals the accuracy."""
    return (_MICRO_F1, _MACRO_F1, _ACCURACY) if label_separator else (_ACCURACY, _MACRO_F1)
