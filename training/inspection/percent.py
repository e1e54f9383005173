"""Percentages of rows."""

_SMALLEST = 0.0005


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal; a small one that is not 0 is not shown as 0.

    >>> percent(0.123), percent(0.0001), percent(0.0)
    ('12.3%', '<0.1%', '0%')
    """
    if not share:
        return "0%"
    return f"{share:.1%}" if share >= _SMALLEST else "<0.1%"
