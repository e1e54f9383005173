"""Text from files and models, made safe to print on a terminal."""

_JOINERS = "\u200c\u200d"  # part of emoji and of Indic and Arabic words; without effect on a terminal


def printable(text: str) -> str:
    """Replace whitespace of any kind by a space, and every other non-printable character by ``·``.

    Control sequences (``ESC [ 2 J``, ``ESC ] 0 ;``) and marks of text direction thus have no effect.
    """
    return "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    r"""Apply `printable` to each line; only ``\n`` separates lines."""
    return "\n".join(map(printable, text.split("\n")))


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else "·"
