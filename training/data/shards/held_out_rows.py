"""Validation and test rows held out of partitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from training.data.shards.stored_rows import partition_file, read_hashed, write_hashed
from training.data.splits import Row


class HeldOut(NamedTuple):
    """Rows held out, and the number of rows that each partition keeps for training."""

    valid: list[Row]
    test: list[Row]
    counts: list[int]


def hold_out(
    directory: Path,
    counts: Sequence[int],
    sources: tuple[int, int],
    totals: Counter[str],
    labels_of: Callable[[Row], Iterable[str]],
) -> HeldOut:
    """Take the rows of the first sources, in the order of the hash, out of the partitions.

    A source whose label would not occur in training stays there.

    Args:
        directory: of the partitions, each sorted by hash.
        counts: rows of each partition.
        sources: numbers of sources for test and for validation.
        totals: label → rows.
        labels_of: returns the labels of a row.
    """
    test, valid, left = _first_sources(directory, counts, sources)
    held = Counter(label for row in (*test, *valid) for label in labels_of(row[1:]))
    missing = {label for label, count in held.items() if count == totals[label]}

    stay = {row[0] for row in (*test, *valid) if not missing.isdisjoint(labels_of(row[1:]))}
    back = [row for row in (*test, *valid) if row[0] in stay]
    if back:
        path = partition_file(directory, 0)
        write_hashed(path, sorted([*read_hashed(path), *back], key=lambda row: row[0]))
        left[0] += len(back)
    test, valid = ([row[1:] for row in part if row[0] not in stay] for part in (test, valid))
    return HeldOut(valid, test, left)


def _first_sources(
    directory: Path, counts: Sequence[int], sources: tuple[int, int]
) -> tuple[list[Row], list[Row], list[int]]:
    """Return test and validation rows with their hashes, and the rows left in each partition."""
    test: list[Row] = []
    valid: list[Row] = []
    left, seen, before = list(counts), 0, ""
    for number in range(len(counts) if sum(sources) else 0):
        kept: list[Row] = []
        path = partition_file(directory, number)
        for row in read_hashed(path):
            seen += row[0] != before
            before = row[0]
            part = test if seen <= sources[0] else valid if seen <= sum(sources) else kept
            part.append(row)
        write_hashed(path, kept)
        left[number] = len(kept)
        if kept:
            break
    return test, valid, left
