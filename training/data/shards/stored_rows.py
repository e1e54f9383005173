"""Rows in files on disk, read one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import overload

from training.data.shards.storage import Storage
from training.data.splits import Row

SAMPLE = 100_000


@dataclass(frozen=True)
class StoredRows(Sequence[Row]):
    """Rows in the partitions of a directory, in random order: that of a hash of the source.

    Iterating reads the files; an index reads all rows before it.

    Attributes:
        directory: of the partitions.
        counts: rows of each partition.
        digest: hash of the data and of what was done with them.
        storage: where ids of these rows are kept.
        values: label → training rows; empty for a task without labels.
    """

    directory: Path
    counts: Sequence[int]
    digest: str
    storage: Storage
    values: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(self.counts)

    def __iter__(self) -> Iterator[Row]:
        for number in range(len(self.counts)):
            yield from self.partition(number)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            begin, end, step = place.indices(len(self))
            return list(islice(self, begin, end, step))
        found = next(islice(self, range(len(self))[place], None), None)
        if found is None:
            raise IndexError(place)
        return found

    def partition(self, number: int) -> list[Row]:
        """Return the rows of a partition."""
        return [row[1:] for row in read_hashed(partition_file(self.directory, number))]


def sample_of(rows: Sequence[Row], most: int = SAMPLE) -> Sequence[Row]:
    """Return rows in memory as they are, and of stored ones a random sample of at most `most` rows."""
    return rows[:most] if isinstance(rows, StoredRows) else rows


def partition_file(directory: Path, number: int) -> Path:
    """Return the file of a partition."""
    return directory / f"rows-{number:05d}.tsv"


def read_hashed(path: Path) -> Iterator[Row]:
    """Yield the rows of a partition, each with the hash of its source before its fields."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield tuple(line.rstrip("\n").split("\t"))


def write_hashed(path: Path, rows: Iterable[Row]) -> None:
    """Write what `read_hashed` reads: fields without tabs and line breaks."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines("\t".join(row) + "\n" for row in rows)
