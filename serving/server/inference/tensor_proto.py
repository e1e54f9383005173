"""TensorProto ↔ numpy by the rules of TensorFlow's C++ runtime.

`tf.make_ndarray` is stricter in places and laxer in others. Here, as in C++: raw content wins over
typed fields; too few values repeat the last one, none at all are zeros, too many are dropped;
integers wrap to the width of the type.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2, types_pb2

from serving.server.status import ServingError, invalid_argument

_MAX_RANK = 254
_MAX_ELEMENTS = 2**63 - 1
_MAX_FILLED_BYTES = 256 * 2**20  # a few bytes of request must not ask for gigabytes of repeated values


@dataclass(frozen=True)
class _Field:
    """Where values of one dtype lie in the proto, and how to read them back."""

    name: str
    numpy_dtype: np.dtype[Any]
    bits_of: np.dtype[Any] | None = None  # the field holds the bit pattern, as this integer type
    parts: int = 1  # field values an element: 2 for complex numbers

    @property
    def is_text(self) -> bool:
        return self.numpy_dtype.hasobject


def _fields() -> dict[int, _Field]:
    def plain(name: str, dtype: Any, **options: Any) -> _Field:
        return _Field(name, np.dtype(dtype), **options)

    return {
        types_pb2.DT_FLOAT: plain("float_val", np.float32),
        types_pb2.DT_DOUBLE: plain("double_val", np.float64),
        types_pb2.DT_INT32: plain("int_val", np.int32),
        types_pb2.DT_INT16: plain("int_val", np.int16),
        types_pb2.DT_INT8: plain("int_val", np.int8),
        types_pb2.DT_UINT16: plain("int_val", np.uint16),
        types_pb2.DT_UINT8: plain("int_val", np.uint8),
        types_pb2.DT_INT64: plain("int64_val", np.int64),
        types_pb2.DT_UINT32: plain("uint32_val", np.uint32),
        types_pb2.DT_UINT64: plain("uint64_val", np.uint64),
        types_pb2.DT_BOOL: plain("bool_val", np.bool_),
        types_pb2.DT_HALF: plain("half_val", np.float16, bits_of=np.dtype(np.uint16)),
        types_pb2.DT_BFLOAT16: plain("half_val", tf.bfloat16.as_numpy_dtype, bits_of=np.dtype(np.uint16)),
        types_pb2.DT_COMPLEX64: plain("scomplex_val", np.complex64, parts=2),
        types_pb2.DT_COMPLEX128: plain("dcomplex_val", np.complex128, parts=2),
        types_pb2.DT_STRING: plain("string_val", object),
    }


_FIELDS = _fields()
_DTYPE_NAMES = {"float32": "float", "float64": "double", "float16": "half"}


def dtype_name(dtype: int) -> str:
    """The runtime's name of a DataType enum value: `float`, `double`, `half`, `int32` …"""
    try:
        name = tf.dtypes.as_dtype(dtype).name
    except TypeError:
        return f"DT_{dtype}"
    return _DTYPE_NAMES.get(name, name)


def numpy_dtype(dtype: int) -> np.dtype[Any]:
    """The numpy dtype that carries a DataType enum value; strings are objects holding bytes."""
    return _FIELDS[dtype].numpy_dtype


def is_supported(dtype: int) -> bool:
    """Whether tensors of this DataType can be sent and received."""
    return dtype in _FIELDS


def decode(proto: tensor_pb2.TensorProto) -> np.ndarray[Any, Any]:
    """The array that the C++ runtime would read from `proto`.

    Raises:
        ServingError: INVALID_ARGUMENT if the type is not one that can be sent, the shape is not a
            full one, or raw content has not the size that the shape asks for.
    """
    field = _FIELDS.get(proto.dtype)
    if field is None or proto.tensor_shape.unknown_rank:
        raise _unreadable(proto)
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    count = math.prod(shape)
    if any(size < 0 for size in shape) or len(shape) > _MAX_RANK or count > _MAX_ELEMENTS:
        raise _unreadable(proto)
    if not _is_plausible(proto, field, count):
        raise _unreadable(proto)
    read: Callable[..., np.ndarray[Any, Any]] = _from_content if proto.tensor_content else _from_field
    try:
        if count == 0:
            return np.empty(shape, field.numpy_dtype)
        return read(proto, field, count).reshape(shape)
    except (MemoryError, ValueError) as error:
        raise _unreadable(proto) from error


def encode(array: np.ndarray[Any, Any], dtype: int, *, as_content: bool = False) -> tensor_pb2.TensorProto:
    """`array` as a TensorProto of the DataType `dtype`, in typed fields or as raw content."""
    proto = tensor_pb2.TensorProto(dtype=dtype)
    for size in np.shape(array):
        proto.tensor_shape.dim.add().size = size
    field = _FIELDS.get(dtype)
    if field is None:
        raise invalid_argument(f"Tensors of type {dtype_name(dtype)} cannot be sent.")
    flat = np.asarray(array).ravel()
    if as_content:
        proto.tensor_content = (
            _content_of(flat) if field.is_text else flat.astype(field.numpy_dtype, copy=False).tobytes()
        )
        return proto
    if field.bits_of is not None:
        flat = flat.astype(field.numpy_dtype, copy=False).view(field.bits_of)
    elif field.parts == 2:
        flat = flat.astype(field.numpy_dtype, copy=False).view(flat.real.dtype)
    getattr(proto, field.name).extend(flat.tolist())
    return proto


def _is_plausible(proto: tensor_pb2.TensorProto, field: _Field, count: int) -> bool:
    """Whether so many values can be in the message, or be repeated; asked before memory is taken for them."""
    if proto.tensor_content:
        least = 1 if field.is_text else field.numpy_dtype.itemsize  # a string has its length at least
        return count * least <= len(proto.tensor_content)
    is_filled = len(getattr(proto, field.name)) < count * field.parts
    return not is_filled or count * field.numpy_dtype.itemsize <= _MAX_FILLED_BYTES


def _from_field(proto: tensor_pb2.TensorProto, field: _Field, count: int) -> np.ndarray[Any, Any]:
    values = list(getattr(proto, field.name)[: count * field.parts])
    if field.is_text:
        values += [values[-1] if values else b""] * (count - len(values))
        array = np.empty(count, object)
        array[:] = values
        return array
    if field.parts == 2:
        # Not a sum of parts: 1j times infinity has a real part that is no number.
        pairs = np.array(values[: len(values) // 2 * 2], np.float64)
        numbers = pairs.view(np.complex128).astype(field.numpy_dtype)
    elif field.bits_of is not None:
        numbers = np.array(values, np.int64).astype(field.bits_of).view(field.numpy_dtype)
    elif field.numpy_dtype == np.uint64:
        numbers = np.array(values, np.uint64)
    elif field.numpy_dtype.kind in "iu":
        numbers = np.array(values, np.int64).astype(field.numpy_dtype)
    else:
        numbers = np.array(values, field.numpy_dtype)
    if not len(numbers):
        return np.zeros(count, field.numpy_dtype)
    if len(numbers) < count:
        return np.concatenate([numbers, np.repeat(numbers[-1:], count - len(numbers))])
    return numbers


def _from_content(proto: tensor_pb2.TensorProto, field: _Field, count: int) -> np.ndarray[Any, Any]:
    content = proto.tensor_content
    if field.is_text:
        strings = _strings_of(content, count)
        array = np.empty(count, object)
        array[:] = strings
        return array
    if len(content) != count * field.numpy_dtype.itemsize:
        raise ValueError("raw content of another size than the shape's")
    return np.frombuffer(content, field.numpy_dtype)


def _content_of(strings: np.ndarray[Any, Any]) -> bytes:
    """Raw content of strings: all lengths as varints, then all bytes."""
    lengths = bytearray()
    for string in strings:
        length = len(string)
        while length > 0x7F:
            lengths.append(length & 0x7F | 0x80)
            length >>= 7
        lengths.append(length)
    return bytes(lengths) + b"".join(strings)


def _strings_of(content: bytes, count: int) -> list[bytes]:
    """The strings of `_content_of`."""
    lengths, position = [], 0
    for _ in range(count):
        length = shift = 0
        while True:
            if position >= len(content) or shift > 28:
                raise ValueError("string lengths end early")
            byte = content[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        lengths.append(length)
    if position + sum(lengths) != len(content):
        raise ValueError("string lengths and bytes differ")
    strings = []
    for length in lengths:
        strings.append(content[position : position + length])
        position += length
    return strings


def _unreadable(proto: tensor_pb2.TensorProto) -> ServingError:
    dims = ",".join("?" if dim.size < 0 else str(dim.size) for dim in proto.tensor_shape.dim)
    shape = "<unknown>" if proto.tensor_shape.unknown_rank else f"[{dims}]"
    return invalid_argument(f"cannot read a tensor of type {dtype_name(proto.dtype)} and shape {shape}")
