"""What a message shows of a user's text: never more than a few words of it."""

from collections.abc import Iterable

_MOST_OF_ONE = 40  # characters
_MOST = 160  # characters of a list


def excerpt(text: str) -> str:
    """The text in quotes, escaped as `repr` does, cut after 40 characters."""
    return repr(text if len(text) <= _MOST_OF_ONE else f"{text[:_MOST_OF_ONE]}…")


def excerpts(texts: Iterable[str]) -> str:
    """Texts in quotes with commas between them, as many as some 160 characters hold, the others counted."""
    shown = [excerpt(text) for text in texts]
    length, kept = 0, 0
    for part in shown:
        length += len(part) + 2
        if length > _MOST and kept:
            break
        kept += 1
    more = f" and {len(shown) - kept:,} more" if kept < len(shown) else ""
    return ", ".join(shown[:kept]) + more
