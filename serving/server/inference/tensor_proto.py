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
_FREE_BYTES = 2**20  # of repeated values that any message may stand for, however small
_MAX_STRINGS = 2**20  # in tensors of rank 2 or more; in rank 1 the limit on rows applies
_STRING_BYTES = 24  # of a string in TensorFlow, besides its text
_PIECE = 2**16  # values copied at a time; other threads can take the GIL in between


@dataclass(frozen=True)
class _Field:
    """Where values of one dtype lie in the proto, and how to read them back."""

    name: str
    numpy_dtype: np.dtype[Any]
    bits_of: np.dtype[Any] | None = None  # the field holds the bit pattern, as this integer type
    parts: int = 1  # field values per element: 2 for complex numbers

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

    Memory is proportional to the message: a shape that claims more is refused before allocation.

    Raises:
        ServingError: INVALID_ARGUMENT if the type is not one that can be sent, the shape is not a
            fully defined or claims more values than the message may stand for, or raw content differs
            from the shape in size.
    """
    field = _FIELDS.get(proto.dtype)
    if field is None or proto.tensor_shape.unknown_rank or len(proto.tensor_shape.dim) > _MAX_RANK:
        raise _unreadable(proto)
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    count = math.prod(shape)
    if any(size < 0 for size in shape) or count > _MAX_ELEMENTS:
        raise _unreadable(proto)
    _check_claim(proto, field, shape)
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
    values = getattr(proto, field.name)
    for start in range(0, len(flat), _PIECE):
        values.extend(flat[start : start + _PIECE].tolist())
    return proto


def _check_claim(proto: tensor_pb2.TensorProto, field: _Field, shape: tuple[int, ...]) -> None:
    """Refuses a shape of more values than the message holds or may repeat; called before allocation."""
    count = math.prod(shape)
    if count == 0:  # [2**40, 0] holds nothing, but what the graph makes of it may not
        if math.prod(max(size, 1) for size in shape) > _FREE_BYTES:
            raise _unreadable(proto)
        return
    if field.is_text and len(shape) > 1 and count > _MAX_STRINGS:
        raise _unreadable(proto, f": more than {_MAX_STRINGS} strings; send fewer rows per request")
    if proto.tensor_content:
        least = 1 if field.is_text else field.numpy_dtype.itemsize  # a string has its length at least
        if count * least > len(proto.tensor_content):
            raise _unreadable(proto)
        return
    _check_filling(proto, field, count)


def _check_filling(proto: tensor_pb2.TensorProto, field: _Field, count: int) -> None:
    """Refuses to repeat the last value more often than a message of this size could hold it."""
    values = getattr(proto, field.name)
    missing = count - len(values) // field.parts
    if missing <= 0:
        return
    size = field.numpy_dtype.itemsize
    if field.is_text:
        size += _STRING_BYTES + (len(values[-1]) if values else 0)
    if missing * size > _FREE_BYTES and missing * size > proto.ByteSize():
        raise _unreadable(
            proto,
            f": {count - missing} of {count} values are in the message, and repeating the last one would"
            f" take more than {_FREE_BYTES} bytes; send all values",
        )


def _from_field(proto: tensor_pb2.TensorProto, field: _Field, count: int) -> np.ndarray[Any, Any]:
    values = getattr(proto, field.name)
    held = min(len(values), count * field.parts) // field.parts * field.parts
    if field.is_text:
        return _filled(_copied(values, held, np.dtype(object)), count, b"")
    if field.parts == 2:
        # Not a sum of parts: 1j times infinity has a real part that is no number.
        numbers = _copied(values, held, np.dtype(np.float64)).view(np.complex128).astype(field.numpy_dtype)
    elif field.bits_of is not None:
        numbers = _copied(values, held, np.dtype(np.int64)).astype(field.bits_of).view(field.numpy_dtype)
    elif field.numpy_dtype.kind in "iu" and field.numpy_dtype != np.uint64:
        numbers = _copied(values, held, np.dtype(np.int64)).astype(field.numpy_dtype)
    else:
        numbers = _copied(values, held, field.numpy_dtype)
    return _filled(numbers, count, 0)


def _copied(values: Any, count: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Copies the first `count` values of a repeated field into an array."""
    array = np.empty(count, dtype)
    for start in range(0, count, _PIECE):
        end = min(start + _PIECE, count)
        array[start:end] = values[start:end]
    return array


def _filled(values: np.ndarray[Any, Any], count: int, empty: Any) -> np.ndarray[Any, Any]:
    """Pads `values` to `count` with the last one, or with `empty` if there is none."""
    if len(values) == count:
        return values
    whole = np.full(count, values[-1] if len(values) else empty, values.dtype)
    whole[: len(values)] = values
    return whole


def _from_content(proto: tensor_pb2.TensorProto, field: _Field, count: int) -> np.ndarray[Any, Any]:
    content = proto.tensor_content
    if field.is_text:
        return _copied(_strings_of(content, count), count, np.dtype(object))
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


def _unreadable(proto: tensor_pb2.TensorProto, why: str = "") -> ServingError:
    dims = ",".join("?" if dim.size < 0 else str(dim.size) for dim in proto.tensor_shape.dim[: _MAX_RANK + 1])
    shape = "<unknown>" if proto.tensor_shape.unknown_rank else f"[{dims}]"
    return invalid_argument(f"cannot read a tensor of type {dtype_name(proto.dtype)} and shape {shape}{why}")
