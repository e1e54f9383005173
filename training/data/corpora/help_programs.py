"""Korean sentences of the LibreOffice help, labelled with their program.

11,612 sentences of at least three words: calc 3,997, writer 3,267, impress 1,566, basic 1,523,
math 972, draw 287.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from training.data.corpora import debian_packages
from training.data.corpora.libreoffice_help import BROKEN, Pages, package_name, read_pages
from training.data.corpora.sentences import cut
from training.data.label_report import with_labels_counted
from training.data.labelled_splits import split_stratified
from training.data.reading_report import ReadingReport
from training.data.splits import Pair, Splits, source_key

NAME = "libreoffice-programs"
# Program by page directory. Charts (several programs), databases (hardly translated) and shared pages are
# excluded.
PROGRAMS = {
    "swriter": "writer",
    "scalc": "calc",
    "simpress": "impress",
    "sdraw": "draw",
    "smath": "math",
    "sbasic": "basic",
}
# Shorter sentences are headings that fit any program ("Page format").
MIN_WORDS = 3
# Page lengths vary widely, so that a smaller test part would have a high variance.
VALID, TEST = 0.1, 0.15

_LATIN, _HANGUL = re.compile("[A-Za-z]"), re.compile("[가-힣]")


def load(cache_directory: Path) -> Splits:
    """Download (once), label and split the Korean help by page.

    Scores depend on the held-out pages (68 % to 79 % accuracy of a linear classifier over random splits),
    so only scores on this split are comparable.

    Args:
        cache_directory: directory for the packages.

    Returns:
        Rows `(sentence, program)`.

    Raises:
        CorpusUnavailableError: the packages cannot be obtained or hold no help pages.
    """
    packages = debian_packages.fetch([package_name("en"), package_name("ko")], cache_directory)
    english = read_pages(packages[package_name("en")], "en")
    korean = read_pages(packages[package_name("ko")], "ko")
    report = ReadingReport(NAME, "paragraphs", result="texts")
    parts = split_stratified(label(english, korean, report), VALID, TEST)
    provenance = {
        "corpus": NAME,
        "packages": {name: package.version for name, package in packages.items()},
        "split": f"by help page, stratified by label, {VALID:.0%} valid, {TEST:.0%} test",
    }
    return with_labels_counted(parts, provenance, report.lines())


def label(english: Pages, korean: Pages, report: ReadingReport) -> list[tuple[str, Pair]]:
    """Return `(page, (Korean sentence, program))` with distinct sentences.

    Sentences in the help of several programs are excluded; a sentence on several pages of one program
    belongs to the first. Skipped sentences are counted in `report`.
    """
    found: defaultdict[str, dict[str, tuple[str, Pair]]] = defaultdict(dict)  # sentence → program → row
    for page, texts in korean.items():
        program = PROGRAMS.get(page.partition("/")[0])
        if program is None:
            continue
        for identity, text in texts.items():
            report.read += 1
            if english.get(page, {}).get(identity) == text:
                report.skipped["paragraphs: not translated"] += 1
                continue
            for sentence in cut(text):
                reason = why_skip(sentence)
                if reason:
                    report.skipped[f"sentences: {reason}"] += 1
                elif program in found[source_key(sentence)]:
                    report.skipped["sentences: repeated"] += 1
                else:
                    found[source_key(sentence)][program] = (page, (sentence, program))
    rows = [row for programs in found.values() if len(programs) == 1 for row in programs.values()]
    report.skipped["sentences: in the help of several programs"] = len(found) - len(rows)
    report.kept = len(rows)
    return rows


def why_skip(sentence: str) -> str:
    """Return the reason to skip a Korean sentence, "" to keep it."""
    if BROKEN.search(sentence):
        return "broken text"
    if len(_HANGUL.findall(sentence)) <= 0.5 * len(_LATIN.findall(sentence)):
        return "not Korean"
    return "" if len(sentence.split()) >= MIN_WORDS else f"under {MIN_WORDS} words"
