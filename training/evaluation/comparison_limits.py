"""Limits of the comparison of two runs."""

from typing import NamedTuple


class ComparisonLimits(NamedTuple):
    """What restricts the comparison of a run to the first one.

    Fields:
        notes: sentences for the user.
        without_difference: keys of the scores whose difference has no meaning.
    """

    notes: tuple[str, ...] = ()
    without_difference: frozenset[str] = frozenset()
