"""Columns ↔ tensor messages, without numpy."""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from serving.client.errors import UnexpectedReplyError
from serving.client.messages import Tensor
from serving.client.transport import InputTensor, text_bytes

# name: (number, field, struct code)
_DTYPES = {
    "float32": (1, "float_val", "f"),
    "float64": (2, "double_val", "d"),
    "int32": (3, "int_val", "i"),
    "string": (7, "string_val", ""),
    "int64": (9, "int64_val", "q"),
    "bool": (10, "bool_val", "?"),
}
_BY_NUMBER = {number: (field, code) for number, field, code in _DTYPES.values()}
_VARINT_BITS = 70
_MOST_AXES = 254  # TensorFlow's own
# Lists that a reply may make beside its values: rows without values, and axes of size 1.
_FREE_LISTS = 2**20
_LISTS_PER_VALUE = 4


def to_tensor(column: InputTensor) -> Any:
    """A rank-1 tensor message of the column's values."""
    if column.dtype not in _DTYPES:
        raise ValueError(f"dtype must be one of {sorted(_DTYPES)}; got {column.dtype!r}")
    number, field, _ = _DTYPES[column.dtype]
    tensor = Tensor(dtype=number)
    tensor.tensor_shape.dim.add().size = len(column.values)
    values: Sequence[Any] = column.values
    if column.dtype == "string":
        values = [text_bytes(value) for value in values]
    getattr(tensor, field).extend(values)
    return tensor


def from_tensors(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Nested lists by name.

    Raises:
        UnexpectedReplyError: as `from_tensor`, or the shapes together would make far more lists than the
            message holds values: `[30000000, 0]` has none.
    """
    _check_lists(list(tensors.values()))
    return {name: _values_of(tensor) for name, tensor in tensors.items()}


def from_tensor(tensor: Any) -> Any:
    """Nested lists of a tensor message; text is str, with U+FFFD for bytes that are not UTF-8.

    Raises:
        UnexpectedReplyError: its type is none that a column has, or its shape and values differ.
    """
    _check_lists([tensor])
    return _values_of(tensor)


def _check_lists(tensors: Sequence[Any]) -> None:
    lists = allowed = 0
    for tensor in tensors:
        shape = _shape_of(tensor)
        rows = list(accumulate(shape, operator.mul, initial=1))
        lists += sum(rows[:-1])
        allowed += _LISTS_PER_VALUE * rows[-1]
    if lists > allowed + _FREE_LISTS:
        raise UnexpectedReplyError(f"The reply's tensors claim {lists} rows with hardly any values.")


def _shape_of(tensor: Any) -> list[int]:
    shape = [dim.size for dim in tensor.tensor_shape.dim[: _MOST_AXES + 1]]
    if tensor.tensor_shape.unknown_rank or len(shape) > _MOST_AXES or min(shape, default=0) < 0:
        raise UnexpectedReplyError(f"The reply holds a tensor of the impossible shape {shape[:8]}.")
    return shape


def _values_of(tensor: Any) -> Any:
    if tensor.dtype not in _BY_NUMBER:
        raise UnexpectedReplyError(f"The reply holds a tensor of type number {tensor.dtype}.")
    shape = _shape_of(tensor)
    field, code = _BY_NUMBER[tensor.dtype]
    count = math.prod(shape)
    if tensor.tensor_content and code:
        if len(tensor.tensor_content) != count * struct.calcsize(f"<{code}"):
            raise UnexpectedReplyError(
                f"The reply holds {len(tensor.tensor_content)} bytes for a tensor of shape {shape}."
            )
        flat = list(struct.unpack(f"<{count}{code}", tensor.tensor_content))
    elif tensor.tensor_content:
        flat = _strings_of(tensor.tensor_content)
    else:
        flat = list(getattr(tensor, field))
    if len(flat) != count:
        raise UnexpectedReplyError(f"The reply holds {len(flat)} values for a tensor of shape {shape}.")
    if not code:
        flat = [value.decode("utf-8", "replace") for value in flat]
    return _nested(flat, shape)


def _strings_of(content: bytes) -> list[bytes]:
    """Raw content of strings: all lengths as varints, then all bytes; a server may be told to send that."""
    lengths: list[int] = []
    position = total = 0
    while position + total < len(content):
        length = shift = 0
        while position < len(content) and shift < _VARINT_BITS:
            byte = content[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        lengths.append(length)
        total += length
    if position + total != len(content):
        raise UnexpectedReplyError("The reply holds strings whose lengths and bytes differ.")
    ends = list(accumulate(lengths, initial=position))
    return [content[begin:end] for begin, end in pairwise(ends)]


def _nested(flat: list[Any], shape: list[int]) -> Any:
    if not shape:
        return flat[0]
    for size in reversed(shape[1:]):
        flat = [flat[i : i + size] for i in range(0, len(flat), size)] if size else []
    return flat or [[] for _ in range(shape[0])]
