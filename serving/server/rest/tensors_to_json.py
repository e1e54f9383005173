"""Tensors → the JSON reply, in row format (`predictions`) and column format (`outputs`)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from serving.server.inference.tensor_proto import dtype_name
from serving.server.rest.number_text import float_texts
from serving.server.rest.pretty_writer import PrettyWriter, quoted
from serving.server.status import TRUNCATED, ServingError, invalid_argument, rest_message

Array = np.ndarray[Any, Any]
_BYTES_SUFFIX = "_bytes"
_ERROR_BYTES = 2012  # 2 KB less the frame of the body and the mark


def write_predictions(outputs: Mapping[str, Array], dtypes: Mapping[str, int]) -> str:
    """Row format: one item a row; with several outputs each row is an object.

    Raises:
        ServingError: INVALID_ARGUMENT for an output without rows, with another number of rows than
            the first, or of a type that JSON has no form for.
    """
    rows = _common_rows(outputs)
    writer = PrettyWriter()
    writer.start_object()
    writer.key("predictions")
    writer.start_array()
    columns = {name: _Column(name, array, dtypes[name]) for name, array in outputs.items()}
    if len(columns) == 1:
        (column,) = columns.values()
        writer.single_line_arrays = True
        column.write_items(writer, 0, rows, 1)
        writer.single_line_arrays = False
    else:
        for row in range(rows):
            writer.start_object()
            for name, column in columns.items():
                writer.key(name)
                writer.single_line_arrays = True
                column.write_row(writer, row)
                writer.single_line_arrays = False
            writer.end_object()
    writer.end_array()
    writer.end_object()
    return writer.text()


def write_outputs(outputs: Mapping[str, Array], dtypes: Mapping[str, int]) -> str:
    """Column format: the bare tensor, or an object of tensors; any shapes."""
    writer = PrettyWriter()
    writer.start_object()
    writer.key("outputs")
    if len(outputs) == 1:
        ((name, array),) = outputs.items()
        _Column(name, array, dtypes[name]).write(writer)
    else:
        writer.start_object()
        for name, array in outputs.items():
            writer.key(name)
            _Column(name, array, dtypes[name]).write(writer)
        writer.end_object()
    writer.end_object()
    return writer.text()


def write_error(message: str) -> str:
    """The body of a reply that is an error: at most 2 KB, escapes included; a longer message is cut."""
    writer = PrettyWriter()
    writer.start_object()
    writer.key("error")
    writer.raw(quoted(_cut_to_quoted(rest_message(message))))
    writer.end_object()
    return writer.text()


def _cut_to_quoted(message: str) -> str:
    """The longest start of `message` whose JSON string is at most `_ERROR_BYTES` long."""
    size = 0
    for index, character in enumerate(message):
        size += len(quoted(character).encode("utf-8", "surrogateescape")) - 2
        if size > _ERROR_BYTES:
            return message[:index] + TRUNCATED
    return message


class _Column:
    """One output with each element already as JSON text."""

    def __init__(self, name: str, array: Array, dtype: int) -> None:
        self.shape = array.shape
        self.as_base64 = array.dtype == object and name.endswith(_BYTES_SUFFIX)
        self.texts = _texts(array, dtype, self.as_base64)

    def write(self, writer: PrettyWriter) -> None:
        self._write_at(writer, 0, 0)

    def write_row(self, writer: PrettyWriter, row: int) -> None:
        self._write_at(writer, row * _product(self.shape[1:]), 1)

    def write_items(self, writer: PrettyWriter, start: int, count: int, level: int) -> None:
        """`count` items of an array that is open already; `level` axes lie outside of them."""
        if level == len(self.shape) and not self.as_base64:
            writer.raws(self.texts[start : start + count])
            return
        step = _product(self.shape[level:])
        for index in range(count):
            self._write_at(writer, start + index * step, level)

    def _write_at(self, writer: PrettyWriter, start: int, level: int) -> None:
        if level < len(self.shape):
            writer.start_array()
            self.write_items(writer, start, self.shape[level], level + 1)
            writer.end_array()
        elif self.as_base64:
            writer.start_object()
            writer.key("b64")
            writer.raw(self.texts[start])
            writer.end_object()
        else:
            writer.raw(self.texts[start])


def _texts(array: Array, dtype: int, as_base64: bool) -> list[str]:
    flat = array.ravel()
    if as_base64:
        return [f'"{base64.b64encode(_bytes(item)).decode("ascii")}"' for item in flat]
    if array.dtype == object:
        return [quoted(_bytes(item).decode("utf-8", "surrogateescape")) for item in flat]
    if array.dtype in (np.float32, np.float64):
        return float_texts(flat)
    if array.dtype == np.bool_:
        return ["true" if item else "false" for item in flat.tolist()]
    if array.dtype.kind in "iu" and array.dtype != np.uint16:
        return list(map(str, flat.tolist()))
    raise invalid_argument(f"Failed to write JSON value for tensor type: {dtype_name(dtype)}")


def _bytes(item: Any) -> bytes:
    return item if isinstance(item, bytes) else str(item).encode()


def _common_rows(outputs: Mapping[str, Array]) -> int:
    rows: int | None = None
    for name, array in outputs.items():
        if array.ndim == 0:
            raise invalid_argument(f"Tensor name: {name} has no shape information ")
        if rows is not None and array.shape[0] != rows:
            raise _inconsistent(name, array.shape[0], rows)
        rows = array.shape[0]
    return rows or 0


def _inconsistent(name: str, got: int, expected: int) -> ServingError:
    return invalid_argument(f"Tensor name: {name} has inconsistent batch size: {got} expecting: {expected}")


def _product(sizes: tuple[int, ...]) -> int:
    return int(np.prod(sizes, dtype=np.int64))
