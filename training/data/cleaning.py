"""Leaves out rows that harm a training more than they help (option --clean)."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Protocol

from training.data.row_kind import Languages
from training.data.scripts import letter_scripts, scripts_of
from training.data.splits import Row, source_key

# With these bounds the default corpus (en-ko) loses 0.4 % of its pairs.
MOST_COPIES = 10
RATIO = 3
DIFFERENCE = 20  # columns
LETTERS = 0.3
SCRIPT = 0.1

EMPTY = "empty after normalisation"
IDENTICAL = "source and target are identical"
FEW_LETTERS = f"fewer than {LETTERS:.0%} letters"
LENGTHS = f"one side more than {RATIO} times as long, and by {DIFFERENCE} columns"


class Cleaner(Protocol):
    """Decides which rows are left out, and counts them by reason."""

    counts: Counter[str]

    def reason(self, row: Row, /) -> str:
        """Return why a row is left out, "" to keep it."""


class PairCleaner:
    """Decides which pairs are left out, and counts them.

    In this order: a side is empty after normalisation; both sides are equal; fewer than 30 % of the
    characters of a side, without spaces, are letters; fewer than 10 % of its letters are in the script
    of its language; one side is more than 3 times as long as the other, and by more than 20 columns, a wide
    character (Hangul, Han, Kana) counting as two columns; the source or the target occurred 10 times already.

    Args:
        languages: None to leave out no pair by script.
    """

    def __init__(self, languages: Languages | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self._scripts = [(tag, scripts_of(tag)) for tag in languages or ("", "") if tag] or [("", set())] * 2
        self._copies: tuple[Counter[str], Counter[str]] = (Counter(), Counter())

    def reason(self, pair: Row) -> str:
        """Return why a pair is left out, "" to keep it."""
        reason = self._reason(pair)
        if reason:
            self.counts[reason] += 1
        return reason

    def _reason(self, pair: Row) -> str:
        sides = [_visible(text) for text in pair]
        if not all(sides):
            return EMPTY
        keys = [source_key(side) for side in sides]
        if keys[0] == keys[1]:
            return IDENTICAL
        for side, (tag, scripts) in zip(sides, self._scripts, strict=True):
            if reason := _of_letters(side, tag, scripts):
                return reason
        widths = sorted(map(columns, sides))
        if widths[1] > RATIO * widths[0] and widths[1] - widths[0] > DIFFERENCE:
            return LENGTHS
        for name, key, seen in zip(("source", "target"), keys, self._copies, strict=True):
            if seen[key] >= MOST_COPIES:
                return copies(name)
        for key, seen in zip(keys, self._copies, strict=True):
            seen[key] += 1
        return ""


class TextCleaner:
    """Decides which labelled texts are left out, and counts them.

    A text that is empty after normalisation, or that occurred 10 times already with the same label. Texts of
    emoji or digits are kept, since they carry sentiment and meaning.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._copies: Counter[tuple[str, ...]] = Counter()

    def reason(self, row: Row) -> str:
        """Return why a row ``(text, label)`` is left out, "" to keep it."""
        reason = self._reason(row)
        if reason:
            self.counts[reason] += 1
        return reason

    def _reason(self, row: Row) -> str:
        if not _visible(row[0]):
            return EMPTY
        key = (source_key(row[0]), *row[1:])
        if self._copies[key] >= MOST_COPIES:
            return copies("text")
        self._copies[key] += 1
        return ""


def copies(name: str) -> str:
    """Return the reason for too many copies of a feature."""
    return f"more than {MOST_COPIES} copies of one {name}"


def other_script(tag: str) -> str:
    """Return the reason for a text that is not in the script of its language."""
    return f"fewer than {SCRIPT:.0%} of the letters in the script of {tag}"


def columns(text: str) -> int:
    """Return the width of a text; a wide character, such as a Hangul syllable, counts as two columns."""
    return len(text) + sum(map(_is_wide, text))


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _visible(text: str) -> str:
    """Return the text in NFKC, without control and format characters (zero-width spaces and joiners)."""
    normal = unicodedata.normalize("NFKC", text)
    if normal.isascii() and normal.isprintable():
        return normal.strip()
    return "".join(one for one in normal if unicodedata.category(one) not in ("Cc", "Cf")).strip()


def _of_letters(text: str, tag: str, scripts: set[str]) -> str:
    letters = letter_scripts(text)
    characters = sum(not one.isspace() for one in text)
    if letters.total() < LETTERS * characters:
        return FEW_LETTERS
    if scripts and sum(letters[one] for one in scripts) < SCRIPT * letters.total():
        return other_script(tag)
    return ""
