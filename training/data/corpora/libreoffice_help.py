"""Sentence pairs of the LibreOffice help, aligned by paragraph ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from seqapp.errors import CorpusUnavailableError
from training.data.corpora import debian_packages
from training.data.corpora.help_pages import paragraphs
from training.data.corpora.sentences import cut_pair
from training.data.reading_report import ReadingReport
from training.data.splits import Pair, Parts, Splits, drop_seen_sources, split_by_group

NAME = "libreoffice-help"
PAIRS = ("en-ko", "ko-en", "en-fr", "fr-en", "en-de", "de-en")
MIN_WORDS, MAX_WORDS = 2, 30
# About 800 test sentences in the smallest pair, en-ko.
VALID_PAGES, TEST_PAGES = 0.03, 0.05

Pages = Mapping[str, Mapping[str, str]]  # page → paragraph id → text

_PACKAGE = "libreoffice-help-{}"
_PACKAGE_LANGUAGE = {"en": "en-us"}
_FOLDER_LANGUAGE = {"en": "en-US"}
_WORDS = re.compile(r"[^\W\d_]{2,}")
# Characters per English character.
_USUAL_LENGTH = {"ko": 0.5, "fr": 1.2, "de": 1.2}
_LATIN, _HANGUL = re.compile("[A-Za-z]"), re.compile("[가-힣]")
# References to missing paragraphs, and wrongly decoded bytes.
BROKEN = re.compile(r"not found\]|[\x00-\x1f\x7f-\x9f\ufffd]")


def load(pair: str, cache_directory: Path) -> Splits:
    """Download (once), align and split the help of a language pair.

    The filters apply to the English side, so that "ko-en" is "en-ko" with swapped columns, before sources
    that occur in training are dropped from the other parts.

    Args:
        pair: one of `PAIRS`, e.g. "en-ko".
        cache_directory: directory for the packages.

    Raises:
        CorpusUnavailableError: the packages cannot be obtained or hold no such pages.
    """
    source, target = pair.split("-")
    other = target if source == "en" else source
    packages = debian_packages.fetch([package_name("en"), package_name(other)], cache_directory)
    english = read_pages(packages[package_name("en")], "en")
    translated = read_pages(packages[package_name(other)], other)
    report = ReadingReport(f"{NAME} {pair}", "paragraphs")
    aligned = align(english, translated, other, report)
    if source != "en":
        aligned = [(page, (there, here)) for page, (here, there) in aligned]
    parts = split_by_group(aligned, valid=VALID_PAGES, test=TEST_PAGES)
    return _splits(pair, parts, report, {name: package.version for name, package in packages.items()})


def read_pages(package: debian_packages.UnpackedPackage, language: str) -> dict[str, dict[str, str]]:
    """Return `{page: {paragraph id: text}}`, with page names such as "swriter/guide/footnotes.html"."""
    folder_name = _FOLDER_LANGUAGE.get(language, language)
    root = package.files / "usr/share/libreoffice/help" / folder_name / "text"
    files = sorted(root.rglob("*.html"), key=lambda path: path.as_posix())
    if not files:
        raise CorpusUnavailableError(
            f"{package.name} {package.version} has no help pages in {root}; expected text/**/*.html. "
            f"Delete its directory to download it again. {debian_packages.BRING_YOUR_OWN}"
        )
    return {file.relative_to(root).as_posix(): paragraphs(file.read_text("utf-8")) for file in files}


def align(english: Pages, other: Pages, language: str, report: ReadingReport) -> list[tuple[str, Pair]]:
    """Return `(page, (English sentence, other sentence))` without repeated pairs.

    A pair on several pages belongs to the first. Skipped pairs are counted in `report`.
    """
    found: dict[Pair, str] = {}
    for page, here, there in _common_paragraphs(english, other, report):
        for pair in cut_pair(here, there):
            reason = why_skip(*pair, language) or ("repeated pair" if pair in found else "")
            if reason:
                report.skipped[f"sentences: {reason}"] += 1
            else:
                found[pair] = page
    report.kept = len(found)
    return [(page, pair) for pair, page in found.items()]


def why_skip(english: str, other: str, language: str) -> str:
    """Return the reason to skip a sentence pair, "" to keep it."""
    if BROKEN.search(english) or BROKEN.search(other):
        return "broken text"
    if not is_translated(english, other, language):
        return "not translated"
    if not MIN_WORDS <= len(english.split()) <= MAX_WORDS:
        return f"not {MIN_WORDS} to {MAX_WORDS} English words"
    if not _lengths_agree(english, other, language):
        return "lengths differ too much"
    return ""


def is_translated(english: str, other: str, language: str) -> bool:
    """Return whether `other` is a translation, not untranslated English or a formula.

    Names may be copied ("LibreOffice Draw"); only words that are not in the English side are considered.
    """
    if english == other:
        return False
    words = Counter(_WORDS.findall(english.lower()))
    if not words:
        return False
    other_words = Counter(_WORDS.findall(other.lower()))
    kept = (words & other_words).total()
    if kept >= 4 and kept > 0.75 * words.total():
        return False
    if language == "ko":
        own = _WORDS.sub(lambda word: "" if word[0].lower() in words else word[0], other)
        hangul = len(_HANGUL.findall(own))
        return hangul > 0.5 * len(_LATIN.findall(own))
    return words != other_words


def _lengths_agree(english: str, other: str, language: str) -> bool:
    """Return whether the length ratio is within a factor of 3 of the expected one."""
    expected, found = len(english) * _USUAL_LENGTH[language] + 10, len(other) + 10
    return expected <= 3 * found and found <= 3 * expected


def _common_paragraphs(english: Pages, other: Pages, report: ReadingReport) -> Iterator[tuple[str, str, str]]:
    for page, texts in english.items():
        there = other.get(page, {})
        for identity, text in texts.items():
            report.read += 1
            if identity not in there:
                report.skipped["paragraphs: only in English"] += 1
            elif there[identity] == text:
                report.skipped["paragraphs: not translated"] += 1
            else:
                yield page, text, there[identity]


def _splits(pair: str, parts: Parts, report: ReadingReport, versions: dict[str, str]) -> Splits:
    kept = drop_seen_sources(parts)
    for name in ("valid", "test"):
        dropped = len(getattr(parts, name)) - len(getattr(kept, name))
        report.skipped[f"{name} pairs: source occurs in an earlier part"] = dropped
    report.kept = sum(map(len, kept))
    counts = {name: len(part) for name, part in kept._asdict().items()}
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    provenance = {
        "corpus": NAME,
        "pair": pair,
        "packages": versions,
        "split": f"by help page, {VALID_PAGES:.0%} valid, {TEST_PAGES:.0%} test",
        "pairs": counts,
    }
    return Splits(*kept, provenance=provenance, report=[*report.lines(), f"  {sizes}"])


def package_name(language: str) -> str:
    """Return the Debian package of a language: "libreoffice-help-en-us" for "en"."""
    return _PACKAGE.format(_PACKAGE_LANGUAGE.get(language, language))
