"""Rows of several requests into one batch, and the outputs back apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.server.status import failed_precondition, invalid_argument

Array = np.ndarray[Any, Any]
Feeds = Mapping[str, Array]


def row_count(feeds: Feeds) -> int:
    """The rows of a request.

    Raises:
        ServingError: INVALID_ARGUMENT for an input without rows, or with another number of them, and
            where there is no input at all.
    """
    if not feeds:
        raise invalid_argument("Batching Run() must have at least one input tensor")
    rows: int | None = None
    for array in feeds.values():
        if array.ndim == 0:
            raise invalid_argument("Batching Run() input tensors must have at least one dimension")
        if rows is not None and array.shape[0] != rows:
            raise invalid_argument("Batching Run() input tensors must have equal 0th-dimension size")
        rows = array.shape[0]
    return int(rows or 0)


def merge(requests: Sequence[Feeds], size: int, *, pad: bool) -> dict[str, Array]:
    """One batch of `size` rows; missing rows are copies of the first.

    Args:
        requests: the inputs of each request, all with the same names.
        size: rows of the batch, at least as many as the requests have together.
        pad: whether inputs of different shape are filled up, each with its own first element.

    Raises:
        ServingError: FAILED_PRECONDITION for inputs of different shape without `pad`.
    """
    merged = {}
    for name in requests[0]:
        arrays = [feeds[name] for feeds in requests]
        if any(array.shape[1:] != arrays[0].shape[1:] for array in arrays):
            if not pad or any(array.ndim != arrays[0].ndim for array in arrays):
                raise failed_precondition(
                    f"Tensors with name '{name}' from different tasks have different shapes and padding"
                    " is turned off. Set pad_variable_length_inputs to true, or ensure that all tensors"
                    " with the same name have equal dimensions starting with the first dim."
                )
            arrays = _padded(arrays)
        missing = size - sum(len(array) for array in arrays)
        if missing:
            arrays.append(np.repeat(arrays[0][:1], missing, axis=0))
        merged[name] = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
    return merged


def split(outputs: Sequence[Array], size: int, rows: Sequence[int]) -> list[list[Array]]:
    """The outputs of a batch, for each request its own; filling rows are dropped.

    Raises:
        ServingError: FAILED_PRECONDITION for an output that is not a row for each row.
    """
    for array in outputs:
        if array.ndim == 0:
            raise failed_precondition("Batched output tensor has 0 dimensions")
        if array.shape[0] != size:
            raise failed_precondition(
                "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension"
                " sizes of the input tensors"
            )
    parts = []
    start = 0
    for count in rows:
        parts.append([array[start : start + count] for array in outputs])
        start += count
    return parts


def _padded(arrays: Sequence[Array]) -> list[Array]:
    target = tuple(max(sizes) for sizes in zip(*(array.shape[1:] for array in arrays), strict=True))
    padded = []
    for array in arrays:
        if array.shape[1:] == target:
            padded.append(array)
            continue
        filler = array.flat[0] if array.size else np.zeros(1, array.dtype)[0]
        whole = np.full((len(array), *target), filler, array.dtype)
        whole[tuple(slice(0, size) for size in array.shape)] = array
        padded.append(whole)
    return padded
