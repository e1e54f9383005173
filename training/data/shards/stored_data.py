"""Rows of files in partitions on disk, with held-out rows; read once, and used by later trainings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from seqapp.atomic_files import write_json
from training.data.reading_report import ReadingReport
from training.data.row_stream import RowStream
from training.data.shards.held_out_rows import hold_out
from training.data.shards.row_partitions import (
    LeftOut,
    Refined,
    number_of_partitions,
    partition,
    refine,
)
from training.data.shards.row_progress import RowProgress
from training.data.shards.storage import Storage, new_folder, text_bytes
from training.data.shards.stored_rows import StoredRows, partition_file
from training.data.splits import Pair, Row, share_of_sources

_FOLDER = "rows"
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Selection:
    """Which rows of files are kept, and which of them are held out.

    Attributes:
        withheld: keys of sources that are left out, since they are in validation or test files.
        shares: shares of the sources for test and for validation.
        seed: random seed of the split.
        left_out: returns a new function that decides which rows of a partition are left out.
        labels_of: returns the labels of a row; none for a task without labels.
    """

    withheld: set[str]
    shares: tuple[float, float]
    seed: int
    left_out: Callable[[], LeftOut]
    labels_of: Callable[[Row], Iterable[str]] = lambda row: ()


class StoredData(NamedTuple):
    """Rows of files.

    Fields:
        train: rows in partitions.
        valid, test: rows held out.
        lines: report of reading.
        removed: rows left out since their source is withheld.
        left_out: reason → rows.
    """

    train: StoredRows
    valid: list[Pair]
    test: list[Pair]
    lines: list[str]
    removed: int
    left_out: dict[str, int]


def stored_data(stream: RowStream, selection: Selection, key: str, storage: Storage) -> StoredData:
    """Return the rows of `stream` in partitions of the cache, which are written if they are not there.

    Args:
        stream: the rows.
        selection: which rows are kept and held out.
        key: hash of files, options and selection.
        storage: cache and console.

    Raises:
        DataError: an unreadable file, or no usable row.
    """
    directory = storage.cache / _FOLDER / key[:32]
    if not (directory / _MANIFEST).is_file():
        with new_folder(directory) as place:
            write_json(place / _MANIFEST, _written(stream, selection, place, storage))
    else:
        storage.console.print(f"rows read before are used: {directory}", highlight=False, soft_wrap=True)
    found = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    valid, test = ([(row[0], row[1]) for row in found[name]] for name in ("valid", "test"))
    train = StoredRows(directory, found["counts"], key, storage, found["values"])
    return StoredData(train, valid, test, found["lines"], found["removed"], found["left_out"])


def _written(stream: RowStream, selection: Selection, directory: Path, storage: Storage) -> dict[str, Any]:
    """Write the partitions, and return the manifest."""
    number = number_of_partitions(text_bytes(stream.files))
    with RowProgress(storage.console, "reading") as progress:
        rows = _counted(stream, progress)
        removed = partition(rows, directory, number, selection.seed, selection.withheld)
    report = stream.report
    with RowProgress(storage.console, "sorting") as progress:
        refined = list(_refined(directory, number, selection, report, progress))
    sources = sum(one.sources for one in refined)
    totals = sum((one.values for one in refined), Counter())
    tests, valids = (share_of_sources(share, sources) for share in selection.shares)
    counts = [one.rows for one in refined]
    held = hold_out(directory, counts, (tests, valids), totals, selection.labels_of)
    totals.subtract(label for row in (*held.valid, *held.test) for label in selection.labels_of(row))
    return {
        "counts": held.counts,
        "values": dict(sorted(totals.items())),
        "lines": report.lines(),
        "removed": removed,
        "left_out": dict(sum((_counts(one) for one in refined), Counter())),
        "valid": held.valid,
        "test": held.test,
    }


def _counted(stream: RowStream, progress: RowProgress) -> Iterator[Row]:
    for number, row in enumerate(stream, start=1):
        yield row
        if not number % 1000:
            progress.update(number, stream.share)
    progress.update(number, 1.0)


def _refined(
    directory: Path, parts: int, selection: Selection, report: ReadingReport, progress: RowProgress
) -> Iterator[Refined]:
    rows = 0
    for number in range(parts):
        path = partition_file(directory, number)
        found = refine(path, selection.left_out(), selection.labels_of)
        for reason, (row, count) in found.left_out.items():
            report.skip(reason, 0, "\t".join(row))
            report.skipped[reason] += count - 1
            report.kept -= count
        rows += found.rows
        progress.update(rows, (number + 1) / parts)
        yield found


def _counts(found: Refined) -> Counter[str]:
    return Counter({reason: count for reason, (_, count) in found.left_out.items()})
