"""Rates of several subjects, measured in turn so that other load of the machine meets all of them."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

# OpenMP threads of a library go on spinning for 200 ms after its last call, and would slow the next subject.
PAUSE_SECONDS = 0.3


def rates_in_turn(
    subjects: Mapping[str, Callable[[], float]], rounds: int, pause: float = PAUSE_SECONDS
) -> dict[str, list[float]]:
    """Rate of each subject in each round; every round starts with another subject.

    Args:
        subjects: functions that work and return their rate, e.g. sentences/s, by name.
        rounds: number of rounds.
        pause: seconds without work before each subject.
    """
    names = list(subjects)
    rates: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            time.sleep(pause)
            rates[name].append(subjects[name]())
    return rates


def median_ratio(rates: Sequence[float], of: Sequence[float]) -> float:
    """Median over the rounds of the first rate divided by the second."""
    return statistics.median(one / other for one, other in zip(rates, of, strict=True))
