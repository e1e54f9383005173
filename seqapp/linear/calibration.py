"""Calibration of class scores to probabilities."""

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import tensorflow as tf

from seqapp.errors import ConfigError, RunDirectoryError


class Calibration(tf.Module):
    """The weight of the linear model beside the network, and the temperature of their sum.

    ``scores = (network + linear_weight · linear) / temperature``. Both are fitted on held-out text after
    training; until then they are 0 and 1.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.

    Args:
        temperature: above 0.
        linear_weight: at least 0.

    Raises:
        ConfigError: a number out of its range, here or in `assign`.
    """

    file_name: ClassVar[str] = "calibration.json"

    def __init__(self, temperature: float = 1.0, linear_weight: float = 0.0) -> None:
        super().__init__(name="calibration")
        _check(temperature, linear_weight)
        self.temperature = tf.Variable(temperature, trainable=False, dtype=tf.float32, name="temperature")
        self.linear_weight = tf.Variable(
            linear_weight, trainable=False, dtype=tf.float32, name="linear_weight"
        )

    def assign(self, temperature: float, linear_weight: float) -> None:
        """Sets both."""
        _check(temperature, linear_weight)
        self.temperature.assign(temperature)
        self.linear_weight.assign(linear_weight)

    def probabilities(self, scores: tf.Tensor, exclusive: bool) -> tf.Tensor:
        """Probabilities float32 [B, C] of class scores float32 [B, C]: softmax, or a sigmoid of each."""
        scores = scores / self.temperature
        return tf.nn.softmax(scores) if exclusive else tf.math.sigmoid(scores)

    def save(self, path: Path) -> None:
        """Writes both numbers as JSON."""
        values = {"temperature": float(self.temperature), "linear_weight": float(self.linear_weight)}
        path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Reads what `save` wrote. Raises `RunDirectoryError` for anything else."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(float(values["temperature"]), float(values["linear_weight"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunDirectoryError(
                f"run: {path} does not hold a temperature above 0 and a linear_weight of at least 0 "
                f"({error}); copy the whole run directory, or train again"
            ) from error

    def tracked(self) -> list[Any]:
        """Nothing: its variables are found by the functions that use them."""
        return []


def _check(temperature: float, linear_weight: float) -> None:
    if not (np.isfinite(temperature) and temperature > 0):
        raise ConfigError(f"temperature: expected a finite number above 0, got {temperature!r}")
    if not (np.isfinite(linear_weight) and linear_weight >= 0):
        raise ConfigError(f"linear_weight: expected a finite number of at least 0, got {linear_weight!r}")
