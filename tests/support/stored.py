"""Rows on disk to test with."""

import io
from collections import Counter
from pathlib import Path

from rich.console import Console

from training.data.shards.storage import Storage
from training.data.shards.stored_rows import StoredRows, partition_file, write_hashed
from training.data.splits import Row


def stored_rows(folder: Path, rows: list[Row], parts: int = 3, labels: bool = False) -> StoredRows:
    """Rows in as many partitions of about the same size."""
    folder.mkdir(exist_ok=True)
    counts = []
    for number in range(parts):
        part = rows[number::parts]
        write_hashed(partition_file(folder, number), [("0", *row) for row in part])
        counts.append(len(part))
    values = Counter(row[1] for row in rows) if labels else Counter()
    storage = Storage(folder.parent / "cache", Console(file=io.StringIO(), width=200))
    return StoredRows(folder, counts, f"{folder.name}-{len(rows)}", storage, values)
