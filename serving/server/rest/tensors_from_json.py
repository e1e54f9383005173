"""JSON values → tensors: the row format (`instances`) and the column format (`inputs`)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Container, Mapping
from itertools import chain
from typing import Any

import numpy as np
from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf import meta_graph_pb2

from serving.server.inference.tensor_proto import dtype_name, is_supported, numpy_dtype
from serving.server.rest.pretty_writer import debug_text
from serving.server.status import Code, ServingError, invalid_argument

Array = np.ndarray[Any, Any]
TensorInfos = Mapping[str, meta_graph_pb2.TensorInfo]

# Ranges are the JSON reader's number classes, not the dtypes': int8 takes 300 and wraps, as upstream.
_INT_RANGES = {
    types_pb2.DT_INT32: (-(2**31), 2**31 - 1),
    types_pb2.DT_INT16: (-(2**31), 2**31 - 1),
    types_pb2.DT_INT8: (-(2**31), 2**31 - 1),
    types_pb2.DT_UINT8: (-(2**31), 2**31 - 1),
    types_pb2.DT_INT64: (-(2**63), 2**63 - 1),
    types_pb2.DT_UINT32: (0, 2**32 - 1),
    types_pb2.DT_UINT64: (0, 2**64 - 1),
}
_MAX_RANK = 64  # numpy's limit


def read_instances(
    items: list[Any], inputs: TensorInfos, optional: Container[str] = ()
) -> dict[str, Array]:
    """Row format: one item per row, plain or an object of named values.

    Args:
        items: the rows.
        inputs: tensors of the signature.
        optional: names of inputs that have a default; all rows may omit them. TensorFlow Serving
            requires them over REST, and applies defaults over gRPC only.

    Raises:
        ServingError: INVALID_ARGUMENT, naming the row.
    """
    named = _is_named(items[0])
    if not isinstance(items[0], dict) and len(inputs) > 1:
        raise invalid_argument(
            "instances is a plain list, but expecting list of objects as multiple"
            " input tensors required as per tensorinfo_map"
        )
    # Rows are read as columns, a tenth of the time and memory; only if that fails, row by row for the error.
    try:
        return _read_columns(items, inputs, named, optional)
    except ServingError:
        return _read_named_rows(items, inputs, optional) if named else _read_plain_rows(items, inputs)


def _read_columns(
    items: list[Any], inputs: TensorInfos, named: bool, optional: Container[str]
) -> dict[str, Array]:
    if not named:
        (name, info), *_ = inputs.items()
        return {name: read_tensor(items, info.dtype)}
    names = items[0].keys()
    complete = names <= inputs.keys() and all(name in optional for name in inputs.keys() - names)
    if not complete or any(not isinstance(item, dict) or item.keys() != names for item in items):
        raise invalid_argument("the rows have other names than the signature")
    return {name: read_tensor([item[name] for item in items], inputs[name].dtype) for name in names}


def _read_plain_rows(items: list[Any], inputs: TensorInfos) -> dict[str, Array]:
    (name, info), *_ = inputs.items()
    rows = _Rows(info.dtype)
    for index, item in enumerate(items):
        if _is_named(item):
            raise invalid_argument(f"Expecting value/list but got object at item {index} of input list")
        try:
            rows.add(item)
        except ServingError as error:
            raise invalid_argument(
                f"Failed to process element: {index} of 'instances' list. Error: {error}"
            ) from error
    return {name: rows.stacked()}


def read_inputs(value: Any, inputs: TensorInfos, optional: Container[str] = ()) -> dict[str, Array]:
    """Column format: an object of named tensors, or the bare tensor of a signature with one input.

    Args: Same as `read_instances`.

    Raises:
        ServingError: INVALID_ARGUMENT, or UNIMPLEMENTED for a type that JSON cannot carry.
    """
    if not isinstance(value, dict) or is_base64_object(value):
        if len(inputs) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as multiple"
                " input tensors required as per tensorinfo_map"
            )
        (name, info), *_ = inputs.items()
        return {name: read_tensor(value, info.dtype)}
    tensors = {}
    for name, info in inputs.items():
        if name not in value:
            if name in optional:
                continue
            raise invalid_argument(f"Missing named input: {name} in 'inputs' object.")
        tensors[name] = read_tensor(value[name], info.dtype)
    return tensors


def read_tensor(value: Any, dtype: int) -> Array:
    """One tensor from nested lists; its shape is that of each list's first item."""
    flat, shape = _flatten(value)
    return _as_array(flat, dtype).reshape(shape)


def is_base64_object(value: Any) -> bool:
    """Whether `value` is `{"b64": "…"}`."""
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("b64"), str)


def decode_base64_object(value: Any) -> bytes:
    """The bytes of `{"b64": "…"}`; padding is optional.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    if not is_base64_object(value):
        raise invalid_argument(f"JSON Value: {debug_text(value)} not formatted correctly for base64 data")
    text = "".join(value["b64"].split()).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid_argument("Unable to base64 decode") from error


def text_bytes(text: str) -> bytes:
    """A JSON string's bytes, the invalid ones included."""
    return text.encode("utf-8", "surrogateescape")


class _Rows:
    """Rows of one input; each must look like the first."""

    def __init__(self, dtype: int) -> None:
        self.dtype = dtype
        self.shape: tuple[int, ...] | None = None
        self.size = 0
        self.parts: list[Array] = []

    def add(self, item: Any) -> None:
        flat, shape = _flatten(item)
        array = _as_array(flat, self.dtype)
        if self.shape is None:
            self.shape, self.size = shape, len(flat)
        elif len(flat) != self.size:
            raise invalid_argument(f"Expecting tensor size: {self.size} but got: {len(flat)}")
        elif shape != self.shape:
            raise invalid_argument(f"Expecting shape {_shape(self.shape)} but got: {_shape(shape)}")
        self.parts.append(array)

    def stacked(self) -> Array:
        return np.concatenate(self.parts).reshape((len(self.parts), *(self.shape or ())))


def _read_named_rows(items: list[Any], inputs: TensorInfos, optional: Container[str]) -> dict[str, Array]:
    sent = {name for item in items if isinstance(item, dict) for name in item}
    inputs = {name: info for name, info in inputs.items() if name in sent or name not in optional}
    rows = {name: _Rows(info.dtype) for name, info in inputs.items()}
    for index, item in enumerate(items):
        if not _is_named(item):
            raise invalid_argument(f"Expecting object but got list at item {index} of input list")
        for name, value in item.items():
            try:
                if name not in rows:
                    raise invalid_argument(f"JSON object: does not have named input: {name}")
                rows[name].add(value)
            except ServingError as error:
                raise invalid_argument(
                    f"Failed to process element: {index} key: {name} of 'instances' list. Error: {error}"
                ) from error
        if len(item) != len(rows):
            raise invalid_argument(
                f"Failed to process element: {index} of 'instances' list. JSON object:"
                f" {debug_text(item)} keys must be equal to: {','.join(sorted(rows))}"
            )
    return {name: row.stacked() for name, row in rows.items()}


def _is_named(item: Any) -> bool:
    return isinstance(item, dict) and not is_base64_object(item)


def _flatten(value: Any) -> tuple[list[Any], tuple[int, ...]]:
    """All leaves in order, and the shape; ragged lists are refused."""
    shape: list[int] = []
    first = value
    while isinstance(first, list):
        shape.append(len(first))
        if len(shape) > _MAX_RANK:
            raise invalid_argument(f"JSON lists are nested deeper than {_MAX_RANK} levels")
        if not first:
            break
        first = first[0]
    flat = [value]
    for level, size in enumerate(shape):
        for item in flat:
            if not isinstance(item, list):
                raise invalid_argument(
                    f"JSON Value: {debug_text(item)} found at incorrect level: {level + 1}"
                    f" in the JSON DOM. Expected at level: {len(shape)}"
                )
            if len(item) != size:
                raise invalid_argument(
                    f"Encountered list at unexpected size: {len(item)} at level: {level}"
                    f" expected size: {size}"
                )
        flat = list(chain.from_iterable(flat))
    if any(isinstance(item, list) for item in flat):
        raise invalid_argument(f"Encountered list at unexpected level: {len(shape)} expected < {len(shape)}")
    return flat, tuple(shape)


def _as_array(flat: list[Any], dtype: int) -> Array:
    if dtype == types_pb2.DT_STRING:
        array = np.empty(len(flat), object)
        array[:] = [_string(item) for item in flat]
        return array
    if dtype in (types_pb2.DT_FLOAT, types_pb2.DT_DOUBLE):
        _check(flat, dtype, _is_number)
        with np.errstate(over="ignore", under="ignore"):
            return np.array(flat, np.float64).astype(numpy_dtype(dtype))
    if dtype == types_pb2.DT_BOOL:
        _check(flat, dtype, lambda item: isinstance(item, bool))
        return np.array(flat, np.bool_)
    if dtype in _INT_RANGES:
        low, high = _INT_RANGES[dtype]
        _check(flat, dtype, lambda item: type(item) is int and low <= item <= high)
        wide = np.array(flat, np.uint64 if dtype == types_pb2.DT_UINT64 else np.int64)
        return wide.astype(numpy_dtype(dtype))
    if flat or not is_supported(dtype):
        shown = debug_text(flat[0]) if flat else "[]"
        raise ServingError(
            Code.UNIMPLEMENTED, f"Conversion of JSON Value: {shown} to type: {dtype_name(dtype)}"
        )
    return np.empty(0, numpy_dtype(dtype))


def _string(item: Any) -> bytes:
    if isinstance(item, str):
        return text_bytes(item)
    if isinstance(item, dict):
        return decode_base64_object(item)
    raise _type_error(item, types_pb2.DT_STRING)


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float)) and not isinstance(item, bool)


def _check(flat: list[Any], dtype: int, good: Any) -> None:
    for item in flat:
        if not good(item):
            raise _type_error(item, dtype)


def _type_error(item: Any, dtype: int) -> ServingError:
    kinds: dict[type, str] = {type(None): "Null", dict: "Object", list: "Array", str: "String"}
    kind = str(item) if isinstance(item, bool) else kinds.get(type(item), "Number")
    return invalid_argument(
        f"JSON Value: {debug_text(item)} Type: {kind} is not of expected type: {dtype_name(dtype)}"
    )


def _shape(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"
