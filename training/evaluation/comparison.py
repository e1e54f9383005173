"""Scores of several runs on one test set, and the paired difference of each to the first."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.evaluation.comparison_limits import ComparisonLimits
from training.evaluation.intervals import resamples_for
from training.evaluation.measured_scores import measured_scores
from training.evaluation.measures import Measure

_DIGITS = 4

Measures = Mapping[str, Measure]


def compared_scores(
    runs: Sequence[Measures], resamples: int, limits: Sequence[ComparisonLimits]
) -> list[dict[str, Any]]:
    """Return ``scores`` of each run and, from the second on, ``differences`` to the first.

    Args:
        runs: per run the measures by name; the same rows in all.
        resamples: number of resamples for confidence intervals, see `measured_scores`.
        limits: per run, of its comparison to the first.

    Returns:
        Per run ``scores`` as of `measured_scores`, and ``differences``: name → ``difference``, ``interval``
        (None where the test set gets none), ``p`` and ``test``; ``notes`` if the comparison has limits.
    """
    first = runs[0]
    found: list[dict[str, Any]] = []
    for measures, limit in zip(runs, limits, strict=True):
        scores = measured_scores(measures, dict.fromkeys(measures, _DIGITS), resamples)
        entry: dict[str, Any] = {"scores": scores}
        if measures is not first:
            entry["differences"] = {
                name: _difference(first[name], measure, resamples)
                for name, measure in measures.items()
                if name not in limit.without_difference
            }
        if limit.notes:
            entry["notes"] = list(limit.notes)
        found.append(entry)
    return found


def _difference(first: Measure, other: Measure, resamples: int) -> dict[str, Any]:
    drawn = resamples_for(other.statistics.rows, resamples)
    interval = other.difference_interval(first, drawn) if drawn else None
    return {
        "difference": round(other.value - first.value, _DIGITS),
        "interval": [round(bound, _DIGITS) for bound in interval] if interval else None,
        "p": round(other.p_value(first), 6),
        "test": other.test,
    }
