"""Short, escaped excerpts of user text for messages."""

from collections.abc import Iterable

_MOST_OF_ONE = 40  # characters
_MOST = 160  # characters of a list


def excerpt(text: str) -> str:
    """Return the `repr` of the text, cut to 40 characters."""
    return repr(text if len(text) <= _MOST_OF_ONE else f"{text[:_MOST_OF_ONE]}…")


def excerpts(texts: Iterable[str]) -> str:
    """Return the excerpts separated by commas, up to about 160 characters, and the number of others."""
    shown = [excerpt(text) for text in texts]
    length, kept = 0, 0
    for part in shown:
        length += len(part) + 2
        if length > _MOST and kept:
            break
        kept += 1
    more = f" and {len(shown) - kept:,} more" if kept < len(shown) else ""
    return ", ".join(shown[:kept]) + more
