"""Sentence alignment of an aligned pair of paragraphs."""

from __future__ import annotations

import re

_END_OF_SENTENCE = re.compile(r"(?<=[.!?])[\"'”’»)\]]?\s+")
_ABBREVIATIONS = {
    *("e.g.", "i.e.", "max.", "min.", "no.", "vs.", "fig.", "approx."),  # English
    *("z.b.", "d.h.", "bzw.", "ggf.", "ca.", "evtl.", "nr.", "u.a."),  # German
    *("p.ex.", "ex.", "cf."),  # French
}
_ORDINAL = re.compile(r"\(?[0-9]{1,2}\.")


def cut(paragraph: str) -> list[str]:
    """Split a paragraph into sentences after `.`, `!` or `?` and whitespace.

    Not after an ellipsis (menu names), an abbreviation, a list number at the beginning or an error value
    such as `#NUM!`, and not before a lower-case letter.

    >>> cut("Click OK. The file (e.g. a letter) is saved.")
    ['Click OK.', 'The file (e.g. a letter) is saved.']
    """
    sentences: list[str] = []
    start = 0
    for boundary in _END_OF_SENTENCE.finditer(paragraph):
        end = boundary.end()
        if _ends_a_sentence(paragraph[start:end].rstrip(), paragraph[end : end + 1]):
            sentences.append(paragraph[start:end].rstrip())
            start = end
    if paragraph[start:].strip():
        sentences.append(paragraph[start:].strip())
    return sentences


def cut_pair(source: str, target: str) -> list[tuple[str, str]]:
    """Split both paragraphs and align the sentences in order if their numbers are equal.

    Otherwise the pair is not split.
    """
    sources, targets = cut(source), cut(target)
    if len(sources) != len(targets):
        return [(source, target)]
    return list(zip(sources, targets, strict=True))


def _ends_a_sentence(text: str, following: str) -> bool:
    last_word = text.split()[-1].lower()
    return not (
        following.islower()
        or text.endswith("...")
        or last_word.lstrip("(\"'„“«") in _ABBREVIATIONS
        or last_word.startswith("#")
        or _ORDINAL.fullmatch(text)
    )
