"""Time of several subjects, measured in turn so that other load of the machine meets all of them."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

# OpenMP threads of a library go on spinning for 200 ms after its last call, and would slow the next subject.
PAUSE_SECONDS = 0.3


class Spent(NamedTuple):
    """Seconds of one measurement.

    Fields:
        seconds: by the clock.
        cpu_seconds: of all threads of the process; waiting for a core does not count, spinning does.
    """

    seconds: float
    cpu_seconds: float


def spent_by(work: Callable[[], Any]) -> Spent:
    """Time of a call in this process."""
    began, cpu_began = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - began, time.process_time() - cpu_began)


def measure_in_turn(
    subjects: Mapping[str, Callable[[], Spent]], rounds: int, pause: float = PAUSE_SECONDS
) -> dict[str, list[Spent]]:
    """Time of each subject in each round, by name; every round starts with another subject.

    Args:
        subjects: functions that do the same work and return its time, by name.
        rounds: number of rounds.
        pause: seconds without work before each subject.
    """
    names = list(subjects)
    spent: dict[str, list[Spent]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            time.sleep(pause)
            spent[name].append(subjects[name]())
    return spent


def rate(spent: Sequence[Spent], work: float) -> float:
    """Median over the rounds of the work per second."""
    return statistics.median(work / one.seconds for one in spent)


def ratio(spent: Sequence[Spent], of: Sequence[Spent]) -> float:
    """Median over the rounds of the first rate divided by the second."""
    return statistics.median(other.seconds / one.seconds for one, other in zip(spent, of, strict=True))


def cpu_ratio(spent: Sequence[Spent], of: Sequence[Spent]) -> float:
    """Same as `ratio` for the work per second of CPU time."""
    return statistics.median(
        other.cpu_seconds / one.cpu_seconds for one, other in zip(spent, of, strict=True)
    )
