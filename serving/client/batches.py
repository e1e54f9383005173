"""Cuts any iterable into lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def in_batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items, the last perhaps shorter.

    Raises:
        ValueError: size below 1.
    """
    if size < 1:
        raise ValueError(f"batch_size must be at least 1; got {size}")
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
