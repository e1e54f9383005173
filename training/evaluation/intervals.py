"""95 % confidence intervals: the percentile bootstrap over test rows, and Wilson's interval of a share."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95
RESAMPLES = 1000
SEED = 12345  # also sacreBLEU's default
# A bootstrap of fewer rows gives intervals that are far too narrow.
FEWEST_ROWS = 20
# With more rows the sampling error is far below the difference between two seeds of one training.
MOST_ROWS = 50_000
_CELLS = 5_000_000  # resamples × rows: 360 MB for the 18 counts of chrF per row


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def resamples_for(rows: int, most: int = RESAMPLES) -> int:
    """Return the number of resamples for a test set, bounded by memory; 0 if it gets no interval."""
    if not FEWEST_ROWS <= rows <= MOST_ROWS:
        return 0
    return min(most, _CELLS // rows)


def bootstrap_interval(
    statistic: Callable[[np.ndarray], np.ndarray], rows: int, resamples: int
) -> Interval:
    """Return the percentile bootstrap interval of a statistic of resampled rows.

    Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.

    Args:
        statistic: int [n, rows], how often each row was drawn → float [n].
        rows: number of rows, at least 2.
        resamples: number of resamples.
    """

    def of_draws(draws: np.ndarray, axis: int) -> np.ndarray:
        return statistic(_counts(draws))

    found = stats.bootstrap(
        (np.arange(rows),),
        of_draws,
        vectorized=True,
        n_resamples=resamples,
        batch=max(1, _CELLS // rows),
        confidence_level=LEVEL,
        method="percentile",
        rng=SEED,
    )
    return Interval(*map(float, found.confidence_interval))


def share_interval(matches: int, rows: int) -> Interval:
    """Return Wilson's score interval of a share; it has a width also at 0 and 1.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    return Interval(*map(float, stats.binomtest(matches, rows).proportion_ci(LEVEL, method="wilson")))


def _counts(draws: np.ndarray) -> np.ndarray:
    """Return int [n, rows], how often each row is among the drawn indices [n, rows]."""
    resamples, rows = draws.shape
    cells = draws + rows * np.arange(resamples)[:, np.newaxis]
    return np.bincount(cells.ravel(), minlength=draws.size).reshape(draws.shape)
