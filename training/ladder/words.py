"""The words of the report, of which each language has a module."""

from collections.abc import Mapping
from typing import NamedTuple


class RungWords(NamedTuple):
    """Name of a rung, what it computes, and its weakness, a sentence each."""

    name: str
    computes: str
    weakness: str


class Words(NamedTuple):
    """Texts of the report; braces are fields of `str.format`.

    Fields are used in the order in which the report has them. Scores, tables and pictures are the same in all
    languages.
    """

    title: str
    other_language: str
    intro: str
    facts: str
    avx512: Mapping[bool | None, str]
    data: str
    budget: str
    not_trained: str
    parts: Mapping[str, str]
    part_intros: Mapping[str, str]
    rows: str
    columns: tuple[str, ...]
    rates: Mapping[str, str]
    bits_picture: str
    length_picture: str
    length_heading: str
    length_intro: str
    length_columns: tuple[str, str, str]
    weakness: str
    of_run: str
    score: str
    score_unknown: str
    verdicts: Mapping[str, str]
    length: str
    length_unknown: str
    speed: str
    seconds: str
    other_missing: str
    answered: str
    last: str
    no_labels: str
    alignments: str
    rule: str
    good: str
    bad: str
    aligned: str
    picture_note: str
    read_off: str
    learnt: str
    lessons: Mapping[str, str]
    no_alignments: str
    failed: str
    failed_row: str
    rungs: Mapping[str, RungWords]
