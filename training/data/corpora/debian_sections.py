"""Descriptions of Debian packages, labelled with their section.

17,773 descriptions in 20 topics (Debian 12): from utils with 2,314 to electronics with 194.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from training.data.corpora import debian_index
from training.data.corpora.debian_index import PackageText
from training.data.label_report import with_labels_counted
from training.data.labelled_splits import split_stratified
from training.data.reading_report import ReadingReport
from training.data.splits import Pair, Splits, source_key

NAME = "debian-sections"
# Topics of packages. Sections on the kind of file (libs, doc, debug …) or the programming language (python,
# rust …) are excluded, and small sections too.
TOPICS = (
    *("admin", "database", "devel", "editors", "electronics", "fonts", "games", "gnome", "graphics", "kde"),
    *("mail", "math", "net", "science", "sound", "text", "utils", "video", "web", "x11"),
)
VALID, TEST = 0.1, 0.1


def load(cache_directory: Path) -> Splits:
    """Download (once), label and split the descriptions by source package.

    The packages are those of the machine's distribution, which the provenance names.

    Args:
        cache_directory: directory for the index.

    Returns:
        Rows `(description, section)`: the summary and the first paragraph of the long description.

    Raises:
        CorpusUnavailableError: the index cannot be obtained.
    """
    index = debian_index.fetch(cache_directory)
    report = ReadingReport(NAME, "packages", result="texts")
    parts = split_stratified(label(index.packages, report), VALID, TEST)
    provenance = {
        "corpus": NAME,
        "releases": index.releases,
        "split": f"by source package, stratified by label, {VALID:.0%} valid, {TEST:.0%} test",
    }
    return with_labels_counted(parts, provenance, report.lines())


def label(packages: list[PackageText], report: ReadingReport) -> list[tuple[str, Pair]]:
    """Return `(source package, (description, section))` with distinct summaries.

    Summaries in several sections are excluded; a summary of several packages in one section belongs to the
    first. Skipped packages are counted in `report`.
    """
    found: defaultdict[str, dict[str, tuple[str, Pair]]] = defaultdict(dict)  # summary → section → row
    for package in packages:
        report.read += 1
        section = package.section.rpartition("/")[2]  # without "contrib/" or "universe/"
        key = source_key(package.summary)
        if section not in TOPICS:
            report.skipped[f"not in one of {len(TOPICS)} sections"] += 1
        elif not key:
            report.skipped["no description"] += 1
        elif section in found[key]:
            report.skipped["repeated summary"] += 1
        else:
            found[key][section] = (package.source, (describe(package), section))
    rows = [row for sections in found.values() if len(sections) == 1 for row in sections.values()]
    report.skipped["summaries in several sections"] = len(found) - len(rows)
    report.kept = len(rows)
    return rows


def describe(package: PackageText) -> str:
    """Return the summary, with a full stop if it has no end mark, and the first paragraph."""
    stop = "" if package.summary.endswith((".", "!", "?")) else "."
    return f"{package.summary}{stop} {package.paragraph}".strip()
