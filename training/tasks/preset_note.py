"""What there is to say of a preset beside its settings."""

from typing import NamedTuple


class PresetNote(NamedTuple):
    """A preset in words and figures.

    Fields:
        meaning: what it is, in one line.
        parameters: of the network; with the vocabulary of the default corpus, and 2 classes.
        seconds: training time on the default corpus, see docs/results.md; None where it was not measured.
        two_workers: speed of two workers with one core each, as a multiple of one process with both cores, by
            `python -m benchmarks.workers`; None where it was not measured.
    """

    meaning: str
    parameters: int
    seconds: int | None = None
    two_workers: float | None = None
