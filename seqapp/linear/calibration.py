"""Calibration of class scores to probabilities."""

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError


class Calibration(tf.Module):
    """The weights of network and linear model, and the temperature of their sum.

    ``scores = (network_weight · network + linear_weight · linear) / temperature``. All are fitted on held-out
    text after training; until then the network has weight 1, the linear model 0, and the temperature is 1.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.

    Args:
        temperature: above 0.
        linear_weight: at least 0.
        network_weight: at least 0.

    Raises:
        ConfigError: a number out of its range, here or in `assign`.
    """

    file_name: ClassVar[str] = "calibration.json"

    def __init__(
        self, temperature: float = 1.0, linear_weight: float = 0.0, network_weight: float = 1.0
    ) -> None:
        super().__init__(name="calibration")
        _check(temperature, linear_weight, network_weight)
        self.temperature = _constant(temperature, "temperature")
        self.linear_weight = _constant(linear_weight, "linear_weight")
        self.network_weight = _constant(network_weight, "network_weight")

    def assign(self, temperature: float, linear_weight: float, network_weight: float = 1.0) -> None:
        """Sets all three."""
        _check(temperature, linear_weight, network_weight)
        self.temperature.assign(temperature)
        self.linear_weight.assign(linear_weight)
        self.network_weight.assign(network_weight)

    def mixed(self, network: tf.Tensor, linear: tf.Tensor) -> tf.Tensor:
        """Weighted sum float32 [B, C] of the class scores of both parts."""
        return self.network_weight * network + self.linear_weight * linear

    def probabilities(self, scores: tf.Tensor, exclusive: bool) -> tf.Tensor:
        """Probabilities float32 [B, C] of class scores float32 [B, C]: softmax, or a sigmoid of each."""
        scores = scores / self.temperature
        return tf.nn.softmax(scores) if exclusive else tf.math.sigmoid(scores)

    def values(self) -> dict[str, float]:
        """The numbers by name."""
        return {name: float(getattr(self, name)) for name in _NAMES}

    def save(self, path: Path) -> None:
        """Writes the numbers as JSON."""
        path.write_text(json.dumps(self.values(), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Reads what `save` wrote. Raises `RunDirectoryError` for anything else.

        Files written before there was a weight of the network load with 1.
        """
        try:
            values = {"network_weight": 1.0, **json.loads(path.read_text(encoding="utf-8"))}
            return cls(*(float(values[name]) for name in _NAMES))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunDirectoryError(
                f"run: {path} does not hold a temperature above 0 and weights of at least 0 "
                f"({error}); copy the whole run directory, or train again"
            ) from error

    def tracked(self) -> list[Any]:
        """Nothing: its variables are found by the functions that use them."""
        return []


_NAMES = ("temperature", "linear_weight", "network_weight")


def _constant(value: float, name: str) -> tf.Variable:
    return tf.Variable(value, trainable=False, dtype=tf.float32, name=name)


def _check(temperature: float, linear_weight: float, network_weight: float) -> None:
    if not (np.isfinite(temperature) and temperature > 0):
        raise ConfigError(f"temperature: expected a finite number above 0, got {temperature!r}")
    for name, weight in (("linear_weight", linear_weight), ("network_weight", network_weight)):
        if not (np.isfinite(weight) and weight >= 0):
            raise ConfigError(f"{name}: expected a finite number of at least 0, got {weight!r}")
