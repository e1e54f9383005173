"""Files of texts of the user as training, validation and test parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from seqapp.errors import DataError
from training.data.cleaning import TextCleaner
from training.data.data_reader import ReadOptions, read_data
from training.data.own_files import OwnFiles
from training.data.reading_report import ReadingReport
from training.data.row_files import RowFiles, described_files
from training.data.row_kind import RowKind
from training.data.splits import Row, Splits, place_of, share_of_sources, source_key

HELD_OUT = 0.05
TEXTS = RowKind(
    ("text",),
    "one text per line (.txt), or a table or JSON lines with a column text; UTF-8.",
)
DOCUMENTS = RowKind(
    ("text",),
    "documents separated by empty lines (.txt), or a table or JSON lines with a column text; UTF-8.",
)


class TextParts(NamedTuple):
    """Three lists of rows ``(text,)``."""

    train: list[Row]
    valid: list[Row]
    test: list[Row]


def read_texts(
    files: RowFiles,
    text_column: str | None = None,
    cleaner: TextCleaner | None = None,
    documents: bool = False,
) -> tuple[list[Row], ReadingReport]:
    """Read rows ``(text,)`` with `read_data`; repeated texts are kept.

    Args:
        files: plain text, tables or JSON, plain or gzip.
        text_column: name of the column of a table or JSON; None for plain text, or the choice of `read_data`.
        cleaner: leaves out rows; None to keep all.
        documents: whether a row of plain text is a document, the lines between empty lines.

    Raises:
        DataError: see `read_data`.
    """
    left_out = None if cleaner is None else cleaner.reason
    options = ReadOptions({"text": text_column}, documents=documents)
    return read_data(files, DOCUMENTS if documents else TEXTS, options, _noun(documents), left_out)


def load_own_texts(
    files: OwnFiles, text_column: str | None = None, seed: int = 0, documents: bool = False
) -> Splits:
    """Read training texts, and validation and test texts if files are given.

    A part without a file is held out of the training file: 5 % of the distinct texts each, 2,000 at most.
    Given validation and test files stay complete: their texts are removed from training, and those of the
    test file from validation.

    Args:
        files: of each part, see `read_texts`.
        text_column: name of the column; None for the choice of `read_texts`.
        seed: random seed of the split.
        documents: whether texts are documents, see `read_texts`.

    Raises:
        DataError: an unreadable file, no text, or too few distinct texts for all parts.
    """
    lines: list[str] = []
    cleaner = TextCleaner() if files.clean else None

    def read(part: RowFiles | None, cleaner: TextCleaner | None = None) -> list[Row]:
        if part is None:
            return []
        rows, report = read_texts(part, text_column, cleaner, documents)
        lines.extend(report.lines())
        return rows

    rows, valid, test = read(files.data, cleaner), read(files.valid), read(files.test)
    rows = _without(rows, [*valid, *test], "training", lines)
    parts = _split(files, rows, seed, documents)
    final = TextParts(parts.train, valid or parts.valid, test or parts.test)
    final = final._replace(valid=_without(final.valid, final.test, "validation", lines))
    if not final.valid:
        raise DataError(
            f"{files.valid}: all {_noun(documents)} are also in the test file; give another file, or omit "
            f"--valid to hold validation {_noun(documents)} out of the training file"
        )
    provenance = {
        "corpus": None,
        "files": described_files(files.parts),
        "split": f"given files; the rest by {_noun(documents)[:-1]}, {HELD_OUT:.0%} each, seed {seed}",
        **({"cleaned": dict(cleaner.counts)} if cleaner else {}),
    }
    return text_splits(final, provenance, lines)


def text_splits(parts: TextParts, provenance: dict[str, Any], lines: list[str]) -> Splits:
    """Return the parts with their sizes in provenance and report."""
    counts = {name: len(part) for name, part in parts._asdict().items()}
    sizes = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return Splits(*parts, provenance={**provenance, "texts": counts}, report=[*lines, f"  {sizes}"])


def _noun(documents: bool) -> str:
    return "documents" if documents else "texts"


def _split(files: OwnFiles, rows: list[Row], seed: int, documents: bool) -> TextParts:
    """Hold out the parts without files, equal texts together. Raises `DataError` for too few texts."""
    keys = sorted({source_key(text) for (text,) in rows}, key=lambda key: place_of(f"{seed}\t{key}"))
    test, valid = (
        share_of_sources(0.0 if given else HELD_OUT, len(keys)) for given in (files.test, files.valid)
    )
    if test + valid >= len(keys):
        raise DataError(
            f"{files.data}: {len(keys)} distinct {_noun(documents)} are left for training; at least "
            f"{1 + (files.valid is None) + (files.test is None)} are needed. {_remedy(documents)}, or give "
            "other files as --valid and --test."
        )
    held_out = dict.fromkeys(keys[:test], "test") | dict.fromkeys(keys[test : test + valid], "valid")
    parts = TextParts([], [], [])
    for row in rows:
        getattr(parts, held_out.get(source_key(row[0]), "train")).append(row)
    return parts


def _remedy(documents: bool) -> str:
    return "Separate documents by empty lines, add some" if documents else "Add texts"


def _without(rows: list[Row], held_out: Iterable[Row], part: str, lines: list[str]) -> list[Row]:
    """Return the rows without held-out texts, and add a line on the number removed."""
    keys = {source_key(text) for (text,) in held_out}
    kept = [row for row in rows if source_key(row[0]) not in keys]
    if len(kept) < len(rows):
        lines.append(f"  removed from {part} {len(rows) - len(kept):,}: text is also held out")
    return kept
