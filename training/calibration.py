"""Probabilities that hold: one temperature, fitted on held-out rows."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

LOWEST, HIGHEST = 0.05, 20.0


def fit_temperature(scores: np.ndarray, targets: np.ndarray, exclusive: bool) -> float:
    """Returns the temperature T for which `scores / T` make the rows' classes most likely.

    The answers stay the same, only how sure they are changes. Rows that are all answered rightly
    would have T fall to 0, random ones rise without end: T stays within 0.05 and 20. Where no T is
    better than 1 (no rows, or scores that are all alike) it is 1.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.

    Args:
        scores: float [rows, C], before softmax or sigmoid.
        targets: [rows, C], 1 at the classes of each row, otherwise 0.
        exclusive: one class a row (softmax); otherwise any number of them (sigmoid).

    Raises:
        ValueError: the two shapes differ, or a score is not finite.
    """
    scores, targets = np.asarray(scores, np.float64), np.asarray(targets, np.float64)
    if scores.ndim != 2 or scores.shape != targets.shape or not np.isfinite(scores).all():
        raise ValueError(
            f"scores, targets: expected finite scores and targets of one shape [rows, C], got {scores.shape} "
            f"and {targets.shape}, {int((~np.isfinite(scores)).sum())} scores not finite; give the scores of "
            "a model whose training ended well."
        )

    def loss(log_temperature: float) -> float:
        scaled = scores / np.exp(log_temperature)
        if exclusive:
            return float(-(targets * log_softmax(scaled, axis=1)).sum())
        return float((np.logaddexp(0.0, scaled) - targets * scaled).sum())

    # The loss is convex in 1 / T: whichever minimum is found is the only one.
    found = minimize_scalar(
        loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(found.x)) if found.fun < loss(0.0) else 1.0
