"""Samples of rows in file order."""

from collections.abc import Sequence

from training.data.splits import Row


def evenly_spaced(rows: Sequence[Row], most: int) -> Sequence[Row]:
    """Return at most `most` rows at equal distances, all rows if there are no more."""
    if len(rows) <= most:
        return rows
    return [rows[place * len(rows) // most] for place in range(most)]
