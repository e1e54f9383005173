"""Encoding of stored rows: once, by all cores, into one shard per partition."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seqapp.atomic_files import write_json
from training.data.shards.id_rows import IdRows
from training.data.shards.row_progress import RowProgress
from training.data.shards.shard_file import read_shard, write_shard
from training.data.shards.storage import new_folder
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row

_FOLDER = "shards"
_MANIFEST = "manifest.json"


class EncodedRows(NamedTuple):
    """Rows as ids.

    Fields:
        columns: ids by name, of equally many rows; rows that are too long may be missing.
        lengths: column whose lengths decide the bucket of a row.
        too_long: rows dropped or cut because they exceed the limit.
    """

    columns: Mapping[str, IdRows]
    lengths: str
    too_long: int


@dataclass(frozen=True)
class Shards:
    """Shards of all rows.

    Attributes:
        directory: of the files.
        names: columns.
        lengths: of each shard, length → number of rows with it, in the column that decides the bucket.
        too_long: rows dropped or cut because they exceed the limit.
    """

    directory: Path
    names: Sequence[str]
    lengths: Sequence[Mapping[int, int]]
    too_long: int

    @property
    def examples(self) -> int:
        """Number of rows."""
        return sum(sum(counts.values()) for counts in self.lengths)

    @property
    def tokens(self) -> int:
        """Number of tokens in the column that decides the bucket."""
        return sum(length * count for counts in self.lengths for length, count in counts.items())

    def read(self, number: int, names: Sequence[str] = ()) -> dict[str, IdRows]:
        """Return the columns of a shard, all or those named."""
        return read_shard(shard_file(self.directory, number), names or self.names)


def encoded_shards(
    rows: StoredRows, settings: Any, encode: Callable[[list[Row], int], EncodedRows]
) -> Shards:
    """Return the shards of rows, which are written if they are not in the cache.

    Args:
        rows: rows in partitions.
        settings: JSON-serialisable, everything that `encode` depends on.
        encode: encodes the rows of the partition with this number; called in several threads.
    """
    key = hashlib.sha256(json.dumps([rows.digest, settings], sort_keys=True).encode()).hexdigest()
    storage = rows.storage
    directory = storage.cache / _FOLDER / key[:32]
    if not (directory / _MANIFEST).is_file():
        with new_folder(directory) as place, RowProgress(storage.console, "encoding") as progress:
            write_json(place / _MANIFEST, _written(rows, encode, place, progress))
    else:
        storage.console.print(f"rows encoded before are used: {directory}", highlight=False, soft_wrap=True)
    found = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    lengths = [{int(length): count for length, count in one.items()} for one in found["lengths"]]
    return Shards(directory, found["names"], lengths, found["too_long"])


def shard_file(directory: Path, number: int) -> Path:
    """Return the file of a shard."""
    return directory / f"ids-{number:05d}.tfrecord"


def _written(
    rows: StoredRows,
    encode: Callable[[list[Row], int], EncodedRows],
    directory: Path,
    progress: RowProgress,
) -> dict[str, Any]:
    """Write the shards, and return the manifest."""

    def write(number: int) -> tuple[list[str], Counter[int], int]:
        found = encode(rows.partition(number), number)
        write_shard(shard_file(directory, number), found.columns)
        lengths, counts = np.unique(found.columns[found.lengths].lengths, return_counts=True)
        histogram = Counter(dict(zip(lengths.tolist(), counts.tolist(), strict=True)))
        return list(found.columns), histogram, found.too_long

    results = dict(_in_threads(write, rows.counts, progress))
    written = [results[number] for number in range(len(rows.counts)) if number in results]
    return {
        "names": written[0][0],
        "lengths": [one[1] for one in written],
        "too_long": sum(one[2] for one in written),
    }


def _in_threads(
    write: Callable[[int], Any], counts: Sequence[int], progress: RowProgress
) -> Iterator[tuple[int, Any]]:
    """Yield the number and result of each partition, as they are finished; TensorFlow releases the GIL."""
    done = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = {pool.submit(write, number): number for number in range(len(counts))}
        try:
            for future in as_completed(futures):
                number = futures[future]
                done += counts[number]
                progress.update(done, done / max(1, sum(counts)))
                yield number, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
