"""The rows of a training that takes a sample of them."""

import random
from collections.abc import Sequence

from rich.console import Console

from seqapp.config import FitConfig
from training.data.shards.stored_rows import StoredRows
from training.data.splits import Row


def subsample(rows: Sequence[Row], settings: FitConfig, console: Console) -> Sequence[Row]:
    """Return at most ``max_examples`` rows, drawn by the seed."""
    if settings.max_examples is None or len(rows) <= settings.max_examples:
        return rows
    console.print(f"training on a sample of {settings.max_examples:,} of {len(rows):,} rows (preset)")
    if isinstance(rows, StoredRows):
        return rows[: settings.max_examples]  # in random order
    return random.Random(settings.seed).sample(list(rows), settings.max_examples)  # noqa: S311
