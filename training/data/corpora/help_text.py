"""Paragraphs of the LibreOffice help in one language, for language models."""

from __future__ import annotations

import re
from pathlib import Path

from training.data.corpora import debian_packages
from training.data.corpora.joined_documents import joined_documents
from training.data.corpora.libreoffice_help import BROKEN, Pages, package_name, read_pages
from training.data.own_texts import TextParts, text_splits
from training.data.reading_report import ReadingReport
from training.data.splits import Splits, place_of, source_key

# Name of the corpus → language.
NAMES = {"libreoffice-help-en": "en", "libreoffice-help-ko": "ko"}
VALID_PAGES, TEST_PAGES = 0.05, 0.05

_LATIN, _HANGUL = re.compile("[A-Za-z]"), re.compile("[가-힣]")


def load(name: str, cache_directory: Path, documents: bool = False) -> Splits:
    """Download (once) and split the help in one language by page.

    Args:
        name: one of `NAMES`.
        cache_directory: directory for the packages.
        documents: whether the paragraphs of a page are joined to one row.

    Returns:
        Rows ``(paragraph,)``, all different; or rows ``(page,)`` of them.

    Raises:
        CorpusUnavailableError: the packages cannot be obtained or hold no help pages.
    """
    language = NAMES[name]
    needed = [package_name(one) for one in dict.fromkeys(["en", language])]
    packages = debian_packages.fetch(needed, cache_directory)
    english = read_pages(packages[package_name("en")], "en")
    report = ReadingReport(name, "paragraphs", result="texts")
    if language == "en":
        found = distinct_paragraphs(english, {}, report)
    else:
        found = distinct_paragraphs(read_pages(packages[package_name(language)], language), english, report)
    provenance = {
        "corpus": name,
        "packages": {package: one.version for package, one in packages.items()},
        "split": f"by help page, {VALID_PAGES:.0%} valid, {TEST_PAGES:.0%} test",
    }
    if documents:
        found = {page: (page, text) for page, text in joined_documents(found.values(), report)}
    return text_splits(split_by_page(found), provenance, report.lines())


def distinct_paragraphs(pages: Pages, english: Pages, report: ReadingReport) -> dict[str, tuple[str, str]]:
    """Return key → ``(page, paragraph)``; a paragraph on several pages belongs to the first.

    Paragraphs of a translation that are left in English are skipped. Skipped paragraphs are counted in
    `report`.

    Args:
        pages: of the language.
        english: the English pages; {} for the English help itself.
        report: receives the counts.
    """
    found: dict[str, tuple[str, str]] = {}
    for page, texts in pages.items():
        for identity, text in texts.items():
            report.read += 1
            translated = english.get(page, {}).get(identity) != text and _in_korean(text)
            reason = why_skip(text) if translated or not english else "not translated"
            if reason:
                report.skipped[reason] += 1
            elif found.setdefault(source_key(text), (page, text)) != (page, text):
                report.skipped["repeated"] += 1
    report.kept = len(found)
    return found


def split_by_page(found: dict[str, tuple[str, str]]) -> TextParts:
    """Split by page; the part depends only on the page, as in the corpora of pairs."""
    parts = TextParts([], [], [])
    for page, text in found.values():
        place = place_of(page)
        held_out = "test" if place < TEST_PAGES else "valid" if place < TEST_PAGES + VALID_PAGES else "train"
        getattr(parts, held_out).append((text,))
    return parts


def why_skip(text: str) -> str:
    """Return the reason to skip a paragraph, "" to keep it."""
    if BROKEN.search(text):
        return "broken text"
    return "" if len(text.split()) > 1 else "one word"


def _in_korean(text: str) -> bool:
    return len(_HANGUL.findall(text)) > 0.5 * len(_LATIN.findall(text))
