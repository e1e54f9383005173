"""Temperature scaling and mixture weight, fitted on held-out rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax

LOWEST, HIGHEST = 0.05, 20.0
_LEAST = 1e-7
_SHARES = (1.0, 0.5, 0.25)  # of the most likely weight of the network; on ties the first


def fit_temperature(scores: np.ndarray, targets: np.ndarray, exclusive: bool) -> float:
    """Return the temperature T that maximises the likelihood of the classes under `scores / T`.

    Predictions do not change, only their probabilities. T is clipped to [0.05, 20]: it would go to 0 on
    perfect and to infinity on random predictions. T is 1 if no other value is better (no rows, or equal
    scores).

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.

    Args:
        scores: logits float [rows, C].
        targets: multi-hot [rows, C].
        exclusive: single-label (softmax); otherwise multi-label (sigmoid).

    Raises:
        ValueError: the two shapes differ, or a score is not finite.
    """
    _check(scores, targets)
    scores, targets = np.asarray(scores, np.float64), np.asarray(targets, np.float64)

    def loss(log_temperature: float) -> float:
        return _negative_log_likelihood(scores / np.exp(log_temperature), targets, exclusive)

    # The loss is convex in 1 / T, so a local minimum is the global one.
    found = minimize_scalar(
        loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(found.x)) if found.fun < loss(0.0) else 1.0


class Mixture(NamedTuple):
    """Scores ``(network_weight · network + linear_weight · linear) / temperature``.

    Fields are those of `Calibration`.
    """

    temperature: float
    linear_weight: float
    network_weight: float


def fit_mixture(network: np.ndarray, linear: np.ndarray, targets: np.ndarray, exclusive: bool) -> Mixture:
    """Return the weights and the temperature that suit the classes best, weight 0 for a part that harms.

    First the weights of maximum likelihood; that loss is convex in ``1 / T`` and ``m / T``, which are limited
    to [0.05, 20] and [0, 20]. With many classes likelihood and accuracy differ: a network that smooths the
    probabilities gets a weight that costs decisions. So a half and a quarter of its weight are taken if more
    decisions are correct, and one part alone if more are by a standard error (`more_accurate`). The
    temperature always has the maximum likelihood.

    Args:
        network, linear: logits float [rows, C] of the two models.
        targets: multi-hot [rows, C].
        exclusive: single-label (softmax); otherwise multi-label (sigmoid).

    Raises:
        ValueError: the shapes differ, or a score is not finite.
    """
    _check(network, targets)
    _check(linear, targets)

    def correct(weights: tuple[float, float]) -> np.ndarray:
        return correct_decisions(_mixed(weights, network, linear), targets, exclusive)

    _, weight = _most_likely(network, linear, targets, exclusive)
    best = max(((weight, share) for share in _SHARES), key=lambda weights: correct(weights).sum())
    for alone in ((1.0, 0.0), (0.0, 1.0)):
        if more_accurate(correct(alone), correct(best)):
            best = alone
    return Mixture(fit_temperature(_mixed(best, network, linear), targets, exclusive), *best)


def _mixed(weights: tuple[float, float], network: np.ndarray, linear: np.ndarray) -> np.ndarray:
    of_linear, of_network = weights
    return of_network * network + of_linear * linear


def correct_decisions(scores: np.ndarray, targets: np.ndarray, exclusive: bool) -> np.ndarray:
    """Return which decisions by scores [rows, C] are correct: bool [rows], multi-label [rows, C]."""
    if exclusive:
        return scores.argmax(axis=1) == targets.argmax(axis=1)
    return (scores > 0) == (targets > 0)


def more_accurate(correct: np.ndarray, than: np.ndarray) -> bool:
    """Return whether more decisions are correct, by more than the standard error of the difference.

    Source: McNemar 1947, "Note on the sampling error of the difference between correlated proportions or
    percentages": the variance of the difference is the number of decisions that only one of both got right.

    Args:
        correct, than: which decisions are correct, bool of one shape.
    """
    gain = int(correct.sum()) - int(than.sum())
    return bool(gain > np.sqrt((correct != than).sum()))


def _most_likely(
    network: np.ndarray, linear: np.ndarray, targets: np.ndarray, exclusive: bool
) -> tuple[float, float]:
    """Return T and m of ``(network + m · linear) / T`` with the maximum likelihood."""
    parts = np.stack([network, linear]).astype(np.float64)

    def loss(shares: np.ndarray) -> float:
        scores = np.tensordot(shares, parts, axes=1)
        return _negative_log_likelihood(scores, np.asarray(targets, np.float64), exclusive)

    bounds = [(1 / HIGHEST, 1 / LOWEST), (0.0, 1 / LOWEST)]
    found = minimize(loss, np.array([1.0, 1.0]), bounds=bounds, method="L-BFGS-B")
    return float(1 / found.x[0]), float(found.x[1] / found.x[0])


def log_likelihood(probabilities: np.ndarray, targets: np.ndarray, exclusive: bool) -> float:
    """Return the mean log-likelihood per row (natural logarithm).

    Args:
        probabilities: float [rows, C], clipped to at least 1e-7.
        targets: multi-hot [rows, C].
        exclusive: single-label; otherwise multi-label, independent classes.
    """
    sure = np.log(np.clip(probabilities, _LEAST, 1.0))
    if exclusive:
        return float((targets * sure).sum(axis=1).mean())
    return float(
        (targets * sure + (1 - targets) * np.log(np.clip(1 - probabilities, _LEAST, 1.0))).sum(axis=1).mean()
    )


def _negative_log_likelihood(scores: np.ndarray, targets: np.ndarray, exclusive: bool) -> float:
    """Return the mean negative log-likelihood per row (natural logarithm)."""
    if exclusive:
        return float(-(targets * log_softmax(scores, axis=1)).sum() / max(1, len(scores)))
    return float((np.logaddexp(0.0, scores) - targets * scores).sum() / max(1, len(scores)))


def _check(scores: np.ndarray, targets: np.ndarray) -> None:
    scores, targets = np.asarray(scores), np.asarray(targets)
    if scores.ndim != 2 or scores.shape != targets.shape or not np.isfinite(scores).all():
        raise ValueError(
            f"scores, targets: expected finite scores and targets of one shape [rows, C], got {scores.shape} "
            f"and {targets.shape}, {int((~np.isfinite(scores)).sum())} scores not finite; check that the "
            "training converged"
        )
