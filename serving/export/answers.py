"""When two answers of a model are the same."""

from typing import Any

# Other kernels, and rows of another batch, add in another order; a score is a sum over some tens of tokens.
TOLERANCE = 1e-3


def same_answer(one: Any, other: Any) -> bool:
    """Whether two values are the same: floats up to `TOLERANCE`, all else exactly, lists item by item."""
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same_answer, one, other))
    if isinstance(one, float):
        return abs(one - other) <= TOLERANCE * max(1.0, abs(one))
    return bool(one == other)


def without_padding(value: Any) -> Any:
    """A row of an answer without the empty texts and zeros at the end of its axes.

    How many there are depends on the longest row of the batch.
    """
    if not isinstance(value, list):
        return value
    kept = [without_padding(part) for part in value]
    while kept and not kept[-1]:
        kept.pop()
    return kept
