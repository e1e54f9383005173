"""The minutes of each training, from those of all."""

import math
from collections.abc import Mapping

from seqapp.errors import ConfigError

LEAST_MINUTES = 0.05


def minutes_of_parts(
    minutes: float,
    trainings: Mapping[str, int],
    shares: Mapping[str, float],
    at_once: int,
    around_training: float,
) -> dict[str, float]:
    """Return the training time of each network of a part, so that all take about `minutes` together.

    Args:
        minutes: of all trainings, scoring included.
        trainings: part → number of its networks.
        shares: part → training time of one of its networks, relative to the other parts.
        at_once: number of trainings that run at a time.
        around_training: minutes of a training before its first and after its last step.

    Raises:
        ConfigError: too few minutes.
    """
    count = sum(trainings.values())
    parts = sum(shares[part] * number for part, number in trainings.items())
    unit = (minutes * at_once - count * around_training) / parts
    smallest = min(shares[part] for part in trainings)
    if unit * smallest < LEAST_MINUTES:
        least = (count * around_training + LEAST_MINUTES / smallest * parts) / at_once
        raise ConfigError(
            f"--minutes must be at least {math.ceil(10 * least) / 10:g} for {count} trainings, {at_once} at "
            f"a time, got {minutes:g}; give more minutes, or a smaller --preset"
        )
    return {part: round(unit * shares[part], 2) for part in trainings}
