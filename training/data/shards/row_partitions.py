"""Partition of rows by a hash of the source, so that each part fits into memory.

Rows with equal sources are in one partition, and partitions are in the order of the hash: the order in which
`split_at_random` holds sources out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Container, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from training.data.shards.stored_rows import partition_file, read_hashed, write_hashed
from training.data.splits import Row, source_key

# Text of a partition; as rows in memory it takes about eight times as much.
PARTITION_BYTES = 8 * 2**20
# All are open at once, and systems allow 1,024 open files. Beyond 4 GiB of text, partitions are larger.
_MOST_PARTITIONS = 512

LeftOut = Callable[[Row], str]  # why a row is left out, "" to keep it


def number_of_partitions(size: int) -> int:
    """Return the number of partitions for bytes of text."""
    return min(_MOST_PARTITIONS, max(1, -(-size // PARTITION_BYTES)))


def hash_of(key: str, seed: int) -> int:
    """Return the hash of a source in [0, 2^64), of which `place_of` is the share."""
    return int.from_bytes(hashlib.sha256(f"{seed}\t{key}".encode()).digest()[:8], "big")


def partition(
    rows: Iterable[Row], directory: Path, parts: int, seed: int, withheld: Container[str]
) -> int:
    """Write each row to the file of its partition, with its hash in front.

    Args:
        rows: fields without tabs and line breaks.
        directory: of the files, which are new.
        parts: number of partitions.
        seed: random seed of the hash.
        withheld: keys of sources that are left out, see `source_key`.

    Returns:
        The number of rows with withheld sources.
    """
    removed = 0
    with ExitStack() as stack:
        paths = [partition_file(directory, number) for number in range(parts)]
        files = [stack.enter_context(path.open("w", encoding="utf-8", newline="\n")) for path in paths]
        for row in rows:
            key = source_key(row[0])
            if key in withheld:
                removed += 1
                continue
            value = hash_of(key, seed)
            files[value * parts >> 64].write("\t".join((f"{value:016x}", *row)) + "\n")
    return removed


class Refined(NamedTuple):
    """Counts of a partition that is sorted and cleaned.

    Fields:
        rows: kept rows.
        sources: distinct sources.
        left_out: reason → an example of its rows, and their number.
        values: label → rows.
    """

    rows: int
    sources: int
    left_out: dict[str, tuple[Row, int]]
    values: Counter[str]


def refine(path: Path, left_out: LeftOut, labels_of: Callable[[Row], Iterable[str]]) -> Refined:
    """Sort the rows of a partition by hash, and leave rows out; rows of one source keep their order."""
    rows = sorted(read_hashed(path), key=lambda row: row[0])
    counts: Counter[str] = Counter()
    examples: dict[str, Row] = {}
    values: Counter[str] = Counter()
    kept = []
    for row in rows:
        if reason := left_out(row[1:]):
            counts[reason] += 1
            examples.setdefault(reason, row[1:])
        else:
            kept.append(row)
            values.update(labels_of(row[1:]))
    write_hashed(path, kept)
    reasons = {reason: (examples[reason], count) for reason, count in counts.items()}
    return Refined(len(kept), len({row[0] for row in kept}), reasons, values)
