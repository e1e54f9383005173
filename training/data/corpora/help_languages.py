"""Sentences of the LibreOffice help, labelled with their language: English, Korean, French or German.

5,000 sentences per language, from translated pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from training.data.corpora import debian_packages
from training.data.corpora.libreoffice_help import Pages, align, package_name, read_pages
from training.data.label_report import with_labels_counted
from training.data.labelled_splits import split_stratified
from training.data.reading_report import ReadingReport
from training.data.splits import Pair, Splits, place_of, source_key

NAME = "libreoffice-languages"
LANGUAGES = ("en", "ko", "fr", "de")
PER_LANGUAGE = 5000  # enough for 99 % accuracy within a minute of training
VALID, TEST = 0.1, 0.1


def load(cache_directory: Path) -> Splits:
    """Download (once), align, label and split the help by page, the same page in all languages.

    Args:
        cache_directory: directory for the packages.

    Returns:
        Rows `(sentence, language)`, languages as in `LANGUAGES`.

    Raises:
        CorpusUnavailableError: the packages cannot be obtained or hold no help pages.
    """
    packages = debian_packages.fetch([package_name(language) for language in LANGUAGES], cache_directory)
    pages = {language: read_pages(packages[package_name(language)], language) for language in LANGUAGES}
    report = ReadingReport(NAME, "sentences", result="texts")
    parts = split_stratified(label(pages, report), VALID, TEST)
    provenance = {
        "corpus": NAME,
        "packages": {name: package.version for name, package in packages.items()},
        "split": f"by help page, stratified by label, {VALID:.0%} valid, {TEST:.0%} test",
    }
    return with_labels_counted(parts, provenance, report.lines())


def label(
    pages: Mapping[str, Pages], report: ReadingReport, per_language: int = PER_LANGUAGE
) -> list[tuple[str, Pair]]:
    """Return `(page, (sentence, language))` with distinct sentences.

    Only sentences that `align` accepts as translated are used, since translated pages contain English.
    Sentences that occur in several languages are excluded. The selection depends only on the sentences.
    Skipped sentences are counted in `report`.

    Args:
        pages: language → pages, English included.
        report: receives the counts.
        per_language: maximum number of sentences per language.
    """
    found: defaultdict[str, dict[str, tuple[str, Pair]]] = defaultdict(dict)  # sentence → language → row
    for language in pages:
        if language == "en":
            continue
        aligned = align(pages["en"], pages[language], language, ReadingReport(language))
        for page, (english, other) in aligned:
            for sentence, its in ((english, "en"), (other, language)):
                found[source_key(sentence)].setdefault(its, (page, (sentence, its)))
    of_language: defaultdict[str, list[tuple[str, Pair]]] = defaultdict(list)
    for languages in found.values():
        if len(languages) == 1:
            for its, row in languages.items():
                of_language[its].append(row)
    rows = []
    for its in sorted(of_language):
        drawn = sorted(of_language[its], key=lambda row: place_of(row[1][0]))
        rows += drawn[:per_language]
    one = sum(map(len, of_language.values()))
    report.read = len(found)
    report.skipped["identical in several languages"] = len(found) - one
    report.skipped[f"above {per_language:,} per language"] = one - len(rows)
    report.kept = len(rows)
    return rows
