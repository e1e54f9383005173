"""Scripts of characters, and the scripts in which a language is written.

Source: Unicode Standard Annex 24 (Script property); ISO 15924 codes.
"""

from __future__ import annotations

import unicodedata
from collections import Counter

from fontTools.unicodedata import script

from seqapp.language_tags import parse_language

# ISO 15924 codes that stand for several scripts, or for one that Unicode counts under another code.
_SEVERAL = {
    "Kore": {"Hang", "Hani"},
    "Jpan": {"Hira", "Kana", "Hani"},
    "Hans": {"Hani", "Bopo"},
    "Hant": {"Hani", "Bopo"},
}
_SHARED = {"Zyyy", "Zinh", "Zzzz"}  # common, inherited, unknown


class _LetterScripts(dict[str, str]):
    """Character → script of a letter or mark; "" for other characters, and for letters of all scripts."""

    def __missing__(self, character: str) -> str:
        code = script(character) if unicodedata.category(character)[0] in "LM" else ""
        self[character] = "" if code in _SHARED else code
        return self[character]


_LETTERS = _LetterScripts()


def letter_scripts(text: str) -> Counter[str]:
    """Return script → letters and marks of that script.

    >>> letter_scripts("HTTP 서버 2")
    Counter({'Latn': 4, 'Hang': 2})
    """
    counts = Counter(map(_LETTERS.__getitem__, text))
    del counts[""]
    return counts


def scripts_of(tag: str) -> set[str]:
    """Return the scripts in which a language is written; empty if unknown.

    >>> sorted(scripts_of("ko"))
    ['Hang', 'Hani']
    """
    likely = parse_language(tag).likely_script
    return _SEVERAL.get(likely, {likely} if likely else set())
