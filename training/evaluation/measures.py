"""Scores of outputs on test rows, with confidence interval and paired comparison."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from training.evaluation.intervals import SEED, Interval, bootstrap_interval, share_interval

TRIALS = 10_000
_CELLS = 20_000_000  # trials × rows
_BATCH_CELLS = 2_000_000


def trials_for(rows: int) -> int:
    """Return the number of trials of an approximate randomization, bounded by memory."""
    return max(1, min(TRIALS, _CELLS // rows))


@dataclass(frozen=True)
class RowStatistics:
    """Sufficient statistics of a score per row: the score of any rows is a function of their sum.

    Attributes:
        counts: [rows, k], dense or sparse.
        score: sums [..., k] → float [...].
    """

    counts: Any
    score: Callable[[np.ndarray], np.ndarray]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.counts.shape[0]

    def scores(self, weights: np.ndarray) -> np.ndarray:
        """Return float [...], the scores of weighted rows [..., rows]."""
        return self.score(weights @ self.counts)


class Measure(ABC):
    """A score of the outputs of one run, which can be compared with those of another on the same rows.

    Attributes:
        statistics: sufficient statistics per row.
        test: name of the test of significance.
    """

    statistics: RowStatistics
    test: str

    @property
    def value(self) -> float:
        """The score of all rows."""
        return float(self.statistics.scores(np.ones(self.statistics.rows)))

    def interval(self, resamples: int) -> Interval:
        """Return the confidence interval of the score, at level 95 %."""
        return bootstrap_interval(self.statistics.scores, self.statistics.rows, resamples)

    def difference_interval(self, first: Any, resamples: int) -> Interval:
        """Return the interval of this score minus that of `first`, both on the same resampled rows."""
        return bootstrap_interval(
            lambda weights: self.statistics.scores(weights) - first.statistics.scores(weights),
            self.statistics.rows,
            resamples,
        )

    @abstractmethod
    def p_value(self, first: Any) -> float:
        """Return the two-sided p-value of the difference to `first`, paired by row."""


class Share(Measure):
    """A share of the rows, for instance accuracy.

    Args:
        matches: bool [rows], the rows that count.
    """

    test = "McNemar's exact test"

    def __init__(self, matches: np.ndarray) -> None:
        self.matches = np.asarray(matches, bool)
        counts = np.stack([self.matches, np.ones(len(self.matches))], axis=1)
        self.statistics = RowStatistics(counts, lambda sums: sums[..., 0] / sums[..., 1])

    def interval(self, resamples: int) -> Interval:
        return share_interval(int(self.matches.sum()), len(self.matches))

    def p_value(self, first: "Share") -> float:
        """Source: McNemar 1947; the exact form is a sign test on the rows where the two differ."""
        gained = int((self.matches & ~first.matches).sum())
        differing = int((self.matches != first.matches).sum())
        return float(stats.binomtest(gained, differing).pvalue) if differing else 1.0


class CountScore(Measure):
    """A score computed from counts, for instance F1.

    Args:
        statistics: sufficient statistics per row.
    """

    test = "approximate randomization"

    def __init__(self, statistics: RowStatistics) -> None:
        self.statistics = statistics

    def p_value(self, first: "CountScore") -> float:
        """Source: Noreen 1989, "Computer-Intensive Methods for Testing Hypotheses", section 2.5."""
        rows = self.statistics.rows

        def mixed(own: np.ndarray) -> np.ndarray:
            """Scores where `own` [..., rows] is 1 for outputs of this run, 0 for those of `first`."""
            return self.statistics.score(own @ self.statistics.counts + (1 - own) @ first.statistics.counts)

        found = stats.permutation_test(
            (np.ones(rows, int), np.zeros(rows, int)),
            lambda one, other, axis: mixed(one) - mixed(other),
            permutation_type="samples",
            vectorized=True,
            n_resamples=trials_for(rows),
            batch=max(1, _BATCH_CELLS // rows),
            rng=SEED,
        )
        return float(found.pvalue)
