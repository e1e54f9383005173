"""Descriptions of Debian's packages, and the section each is filed in.

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
# What a package is about. Sections that say what kind of file it is (libs, doc, debug …) or in which
# language it was written (python, rust …) are left out, and so are those of a few packages.
TOPICS = (
    *("admin", "database", "devel", "editors", "electronics", "fonts", "games", "gnome", "graphics", "kde"),
    *("mail", "math", "net", "science", "sound", "text", "utils", "video", "web", "x11"),
)
VALID, TEST = 0.1, 0.1


def load(cache_directory: Path) -> Splits:
    """Fetches (once), labels and splits the descriptions by source package.

    The machine's own distribution decides which packages there are; the provenance names it.

    Args:
        cache_directory: where the index is kept.

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
    """Returns `(source package, (description, section))`, no summary twice.

    A summary that is found in two sections is left out; one that several packages of a section
    have belongs to the first. What was skipped is counted in `report`.
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
            report.skipped["the same summary again"] += 1
        else:
            found[key][section] = (package.source, (describe(package), section))
    rows = [row for sections in found.values() if len(sections) == 1 for row in sections.values()]
    report.skipped["summaries in several sections"] = len(found) - len(rows)
    report.kept = len(rows)
    return rows


def describe(package: PackageText) -> str:
    """Returns the summary, closed by a full stop where it ends in no mark, and the first paragraph."""
    stop = "" if package.summary.endswith((".", "!", "?")) else "."
    return f"{package.summary}{stop} {package.paragraph}".strip()
