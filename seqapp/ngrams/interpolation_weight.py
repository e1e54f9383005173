"""The weight of a network in the linear interpolation with an n-gram model."""

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError

_ITERATIONS, _TOLERANCE = 1000, 1e-6
_LARGEST_EXPONENT = 700.0  # exp() of more is infinite


class InterpolationWeight(tf.Module):
    """The weight w of ``p = w p_network + (1 - w) p_ngram``.

    It is fitted on held-out text after training; until then the network has weight 1.

    Args:
        network: from 0 to 1.

    Raises:
        ConfigError: a number out of its range, here or in `assign`.
    """

    file_name: ClassVar[str] = "interpolation.json"

    def __init__(self, network: float = 1.0) -> None:
        super().__init__(name="interpolation_weight")
        _check(network)
        self.network = tf.Variable(network, trainable=False, dtype=tf.float32, name="network_weight")

    def assign(self, network: float) -> None:
        """Sets the weight of the network."""
        _check(network)
        self.network.assign(network)

    def save(self, path: Path) -> None:
        """Writes the weight as JSON."""
        path.write_text(json.dumps({"network_weight": float(self.network)}) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "InterpolationWeight":
        """Reads what `save` wrote. Raises `RunDirectoryError` for anything else."""
        try:
            return cls(float(json.loads(path.read_text(encoding="utf-8"))["network_weight"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunDirectoryError(
                f"run: {path} does not hold a network_weight from 0 to 1 ({error}); copy the whole run "
                "directory, or train again"
            ) from error

    def tracked(self) -> list[Any]:
        """Nothing: its variable is found by the functions that use it."""
        return []


def fit_interpolation_weight(network: np.ndarray, ngrams: np.ndarray) -> float:
    """Fit the weight of the network by expectation-maximisation; the likelihood has one maximum.

    Source: Jelinek and Mercer 1980, "Interpolated estimation of Markov source parameters from sparse data".

    Args:
        network: log-probabilities [tokens] of held-out tokens by the network.
        ngrams: those of the same tokens by the n-gram model.

    Raises:
        ConfigError: no tokens, or different numbers of them.
    """
    if network.shape != ngrams.shape or not network.size:
        raise ConfigError(
            "network, ngrams: expected log-probabilities of the same tokens, at least one, got "
            f"{network.size} and {ngrams.size}"
        )
    difference = ngrams.astype(np.float64) - network
    ratios = np.exp(np.minimum(difference, _LARGEST_EXPONENT))
    weight = 0.5
    for _ in range(_ITERATIONS):
        # Expectation: the share of the network in the probability of each token.
        found = float(np.mean(weight / (weight + (1 - weight) * ratios)))
        if abs(found - weight) < _TOLERANCE:
            break
        weight = found
    return found


def _check(network: float) -> None:
    if not 0 <= network <= 1:
        raise ConfigError(f"network_weight: expected a number from 0 to 1, got {network!r}")
