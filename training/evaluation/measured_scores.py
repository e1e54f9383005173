"""Values and confidence intervals of measures, as in ``metrics.json``."""

from collections.abc import Mapping
from typing import Any

from training.evaluation.intervals import resamples_for
from training.evaluation.measures import Measure
from training.evaluation.score_format import interval_key

RESAMPLES_KEY = "bootstrap_resamples"


def measured_scores(
    measures: Mapping[str, Measure], digits: Mapping[str, int], resamples: int
) -> dict[str, Any]:
    """Return the rounded value of each measure and its interval.

    Args:
        measures: name → measure.
        digits: name → digits after the point.
        resamples: number of resamples; fewer are drawn of large test sets, and very small and very large
            ones get no intervals (see `resamples_for`).

    Returns:
        name → value, and with `resamples` ``NAME_interval`` → [low, high] and ``bootstrap_resamples``.
    """
    scores: dict[str, Any] = {}
    drawn = 0
    for name, measure in measures.items():
        scores[name] = round(measure.value, digits[name])
        drawn = resamples_for(measure.statistics.rows, resamples)
        if drawn:
            interval = measure.interval(drawn)
            scores[interval_key(name)] = [round(bound, digits[name]) for bound in interval]
    return {**scores, RESAMPLES_KEY: drawn} if drawn else scores
