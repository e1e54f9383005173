"""The minutes of each training, from those of all."""

import math

from seqapp.errors import ConfigError

LEAST_MINUTES = 0.05


def minutes_per_training(minutes: float, trainings: int, at_once: int, around_training: float) -> float:
    """Return the training time of each network, so that all take about `minutes` together.

    Args:
        minutes: of all trainings, scoring included.
        trainings: number of networks.
        at_once: number of trainings that run at a time.
        around_training: minutes of a training before its first and after its last step.

    Raises:
        ConfigError: too few minutes.
    """
    rounds = math.ceil(trainings / at_once)
    found = minutes / rounds - around_training
    if found < LEAST_MINUTES:
        least = math.ceil(10 * rounds * (around_training + LEAST_MINUTES)) / 10
        raise ConfigError(
            f"--minutes must be at least {least:g} for {trainings} trainings, {at_once} at a time, got "
            f"{minutes:g}; give more minutes, or a smaller --preset"
        )
    return round(found, 2)
