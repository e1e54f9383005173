"""English sentences rated for sentiment: tweets, film and product reviews, editorials.

The ground truth of Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis
of Social Media Text" (ICWSM 2014): 23,703 sentences, each rated from -4 to 4 by about twenty people. It is
part of the source distribution of the package vaderSentiment, not of its wheel. 23,554 sentences are
distinct; 10,226 of them are positive, 9,119 negative.
"""

from __future__ import annotations

import html
import io
import re
import tarfile
from pathlib import Path
from typing import NamedTuple

from training.data.corpora.source_distributions import SourceDistribution, fetch
from training.data.label_report import with_labels_counted
from training.data.labelled_splits import split_stratified
from training.data.reading_report import ReadingReport
from training.data.splits import Parts, Splits, source_key

NAME = "vader-sentiment"
SOURCE = SourceDistribution(
    "vaderSentiment", "3.3.2", "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
)
POSITIVE, NEGATIVE, NEUTRAL = "positive", "negative", "neutral"
THRESHOLD = 0.5  # absolute mean rating
VALID, TEST = 0.1, 0.1

_BRING_YOUR_OWN = (
    "To train on a file instead, give a TSV or CSV with a header: "
    "--data reviews.tsv --text-column text --label-column label (plain or .gz)."
)
_RATINGS = "additional_resources/hutto_ICWSM_2014.tar.gz"
_LEXICON = "vaderSentiment/vader_lexicon.txt"
_FILES = {
    "amazon": "amazonReviewSnippets",
    "film": "movieReviewSnippets",
    "editorial": "nytEditorialSnippets",
    "tweet": "tweets",
}
_LOST_APOSTROPHE = re.compile(r"(?<=[a-z])\?(?=s )")


class RatedText(NamedTuple):
    """A sentence with its mean rating.

    Attributes:
        group: the document, e.g. "editorial 12"; each film sentence and tweet is its own group.
        text: cleaned text.
        mean: mean rating, from -4 (most negative) to 4.
    """

    group: str
    text: str
    mean: float


def load(cache_directory: Path) -> Splits:
    """Return the splits of positive and negative sentences, `(text, "positive" | "negative")`.

    Mean ratings of at least 0.5 or at most -0.5; neutral sentences are excluded. Each document is in one
    part.

    Raises:
        CorpusUnavailableError: the source distribution cannot be obtained.
    """
    report = ReadingReport(NAME, "sentences", result="texts")
    every = _rated(cache_directory, report)
    parts = Parts(*([row for row in part if row[1] != NEUTRAL] for part in _labelled(split(every))))
    report.skipped["neutral: mean rating between -0.5 and 0.5"] = len(every) - sum(map(len, parts))
    report.kept = sum(map(len, parts))
    provenance = {
        "corpus": NAME,
        "source": {"name": SOURCE.name, "version": SOURCE.version, "sha256": SOURCE.sha256},
        "split": f"by document, stratified by label, {VALID:.0%} valid, {TEST:.0%} test",
    }
    return with_labels_counted(parts, provenance, report.lines())


def rated(cache_directory: Path) -> list[RatedText]:
    """Return all distinct sentences with mean ratings, neutral ones included.

    Raises:
        CorpusUnavailableError: the source distribution cannot be obtained.
    """
    return _rated(cache_directory, ReadingReport(NAME))


def split(texts: list[RatedText]) -> tuple[list[RatedText], list[RatedText], list[RatedText]]:
    """Return training, validation and test sentences, split as in `load`, neutral ones included.

    The training part has no sentence of a held-out document.
    """
    parts = split_stratified(((row.group, (row.text, label_of(row.mean))) for row in texts), VALID, TEST)
    by_text = {row.text: row for row in texts}
    train, valid, test = ([by_text[text] for text, _ in part] for part in parts)
    return train, valid, test


def lexicon(cache_directory: Path) -> list[tuple[str, float]]:
    """Return the lexicon of the package, `(word or emoticon, mean rating)` with ratings from -4 to 4.

    Raises:
        CorpusUnavailableError: the source distribution cannot be obtained.
    """
    lines = _member(_archive(cache_directory), _LEXICON).decode("utf-8").split("\n")
    columns = [line.split("\t") for line in lines if line.strip()]
    return [(word.strip(), float(mean)) for word, mean, *_ in columns]


def label_of(mean: float) -> str:
    """Return "positive" for at least 0.5, "negative" for at most -0.5, else "neutral"."""
    return POSITIVE if mean >= THRESHOLD else NEGATIVE if mean <= -THRESHOLD else NEUTRAL


def clean(text: str) -> str:
    """Repair encoding errors of the files.

    HTML entities, some escaped twice (`&amp;#38;`); quotation marks written as two apostrophes; apostrophes
    turned into question marks (`Cube?s`); repeated whitespace in place of dashes. The product reviews are in
    lower case and stay so.

    >>> clean("''Cube''  of at &amp;#38; t")
    '"Cube" of at & t'
    """
    text = html.unescape(html.unescape(text)).replace("''", '"')
    return " ".join(_LOST_APOSTROPHE.sub("'", text).split())


def _labelled(parts: tuple[list[RatedText], ...]) -> Parts:
    return Parts(*([(row.text, label_of(row.mean)) for row in part] for part in parts))


def _rated(cache_directory: Path, report: ReadingReport) -> list[RatedText]:
    packed = _member(_archive(cache_directory), _RATINGS)
    found: dict[str, RatedText] = {}
    for kind, name in _FILES.items():
        lines = _member(packed, f"hutto_ICWSM_2014/{name}_GroundTruth.txt", inside="").decode("utf-8")
        for line in filter(str.strip, lines.split("\n")):
            report.read += 1
            identity, mean, text = line.split("\t", 2)
            row = RatedText(f"{kind} {identity.partition('_')[0]}", clean(text), float(mean))
            # The first rating counts, so that no text stands in two parts.
            if found.setdefault(source_key(row.text), row) is not row:
                report.skipped["the same text again"] += 1
    return list(found.values())


def _archive(cache_directory: Path) -> bytes:
    return fetch(SOURCE, cache_directory, _BRING_YOUR_OWN).read_bytes()


def _member(archive: bytes, name: str, inside: str | None = None) -> bytes:
    """Return one file of a .tar.gz, below the release's folder unless `inside` names another.

    Nothing is unpacked to disk, whatever names the archive holds.
    """
    folder = f"{SOURCE.name}-{SOURCE.version}/" if inside is None else inside
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        member = tar.extractfile(folder + name)
        return member.read() if member else b""
