"""Fit of a translator's confidence on held-out rows."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf
from scipy.optimize import minimize
from scipy.special import expit

from seqapp.errors import ConfigError
from seqapp.tasks.rows import over_rows
from seqapp.tasks.translation_confidence import Confidence
from seqapp.text.sentence_chrf import sentence_chrf

USABLE_CHRF = 40.0
LEAST_ROWS = 10  # usable ones, and others
_LOWEST_MEAN = -50.0
_BATCH = 32


def fit_to_examples(
    translate: Callable[[tf.Tensor], Mapping[str, tf.Tensor]], examples: Mapping[str, Sequence[str]]
) -> Confidence | None:
    """Translates the sources and fits the confidence to the translations, see `fit_confidence`.

    Args:
        translate: texts string[B] → ``translation`` string[B] and ``mean`` float32[B], the lowest mean
            log-probability of a sentence.
        examples: held-out ``source`` and ``target``; fewer than 20 rows are not translated, see there.
    """
    if len(examples["source"]) < 2 * LEAST_ROWS:
        return None
    found = over_rows(translate, [examples["source"]], _BATCH)
    translations = [text.decode("utf-8") for text in found.get("translation", [])]
    return fit_confidence(
        np.array(found.get("mean", [])), usable_translations(translations, examples["target"])
    )


def usable_translations(translations: Sequence[str], references: Sequence[str]) -> np.ndarray:
    """bool [rows]: the translation has a sentence chrF of at least 40 against its reference."""
    pairs = zip(translations, references, strict=True)
    return np.array([sentence_chrf(found, wanted) >= USABLE_CHRF for found, wanted in pairs], bool)


def fit_confidence(means: np.ndarray, usable: np.ndarray) -> Confidence | None:
    """Fit slope and intercept by maximum likelihood, with Platt's smoothed targets; the loss is convex.

    Args:
        means: float [rows], lowest mean log-probability of a sentence of each row.
        usable: bool [rows].

    Returns:
        None where fewer than 10 rows are usable or fewer than 10 are not: no slope can be told from so few.

    Raises:
        ConfigError: different numbers of both.
    """
    if means.shape != usable.shape:
        raise ConfigError(
            f"means, usable: expected a value per row in both, got {means.size} and {usable.size}"
        )
    good = int(np.sum(usable))
    bad = usable.size - good
    if min(good, bad) < LEAST_ROWS:
        return None
    targets = np.where(usable, (good + 1) / (good + 2), 1 / (bad + 2))
    values = np.maximum(means.astype(np.float64), _LOWEST_MEAN)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = weights[0] * values + weights[1]
        error = expit(logits) - targets
        likelihood = np.mean(np.logaddexp(0.0, logits) - targets * logits)
        return float(likelihood), np.array([np.mean(error * values), np.mean(error)])

    found = minimize(loss, [1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
    return Confidence(float(found.x[0]), float(found.x[1]), USABLE_CHRF)
