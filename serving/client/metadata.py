"""What a server says about a model: its versions, its signatures and their tensors."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from serving.client.errors import UnexpectedReplyError

PREDICT = "tensorflow/serving/predict"
DEFAULT_SIGNATURE = "serving_default"

# DataType of types.proto, as the strings that columns have.
DTYPES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    7: "string",
    8: "complex64",
    9: "int64",
    10: "bool",
    14: "bfloat16",
    17: "uint16",
    18: "complex128",
    19: "float16",
    22: "uint32",
    23: "uint64",
}
_JSON_NAMES = {
    "DT_FLOAT": "float32",
    "DT_DOUBLE": "float64",
    "DT_HALF": "float16",
    **{f"DT_{name.upper()}": name for name in DTYPES.values()},
}
# Where the JSON of a TensorProto has its values, and how one is read.
_JSON_VALUES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "DT_FLOAT": ("float_val", float),
    "DT_DOUBLE": ("double_val", float),
    "DT_INT32": ("int_val", int),
    "DT_INT64": ("int64_val", int),
    "DT_BOOL": ("bool_val", bool),
    "DT_STRING": ("string_val", lambda value: base64.b64decode(value).decode("utf-8", "replace")),
}


@dataclass(frozen=True)
class VersionStatus:
    """One version of a served model.

    Attributes:
        version: its number.
        state: `START`, `LOADING`, `AVAILABLE`, `UNLOADING` or `END`.
        error: why it is not available, or "".
    """

    version: int
    state: str
    error: str = ""


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of a signature.

    Attributes:
        dtype: `string`, `float32`, …; the server's own name for types that no column has.
        shape: the size of each axis, None for any size; None if the rank is unknown.
        optional: of an input: whether the model has a default for it, so that gRPC may leave it out.
        default: the value, if the default is a single one.
    """

    dtype: str
    shape: tuple[int | None, ...] | None
    optional: bool = False
    default: Any = None

    def __str__(self) -> str:
        if self.shape is None:
            return f"{self.dtype}[…]"
        return f"{self.dtype}[{', '.join('?' if size is None else str(size) for size in self.shape)}]"


@dataclass(frozen=True)
class Signature:
    """What one signature takes and gives.

    Attributes:
        method: `tensorflow/serving/predict`, `…/classify` or `…/regress`; "" for an initialiser.
        inputs: by name.
        outputs: by name.
    """

    method: str
    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]


Metadata = dict[str, Signature]
"""Signatures by name."""


def from_message(signatures: Any, decode: Callable[[Any], Any]) -> Metadata:
    """Reads a SignatureDefMap; `decode` makes nested lists of a tensor message."""
    return {
        name: Signature(
            one.method_name,
            {
                key: _info_of_message(info, *_default_of_message(one.defaults, key, decode))
                for key, info in one.inputs.items()
            },
            {key: _info_of_message(info) for key, info in one.outputs.items()},
        )
        for name, one in signatures.signature_def.items()
    }


def from_json(body: Any) -> Metadata:
    """Reads the JSON form of the REST port.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is none.
    """
    signatures = body["metadata"]["signature_def"]["signature_def"]
    return {
        name: Signature(
            str(one.get("method_name", "")),
            {
                key: _info_of_json(info, *_default_of_json(one.get("defaults", {}), key))
                for key, info in one.get("inputs", {}).items()
            },
            {key: _info_of_json(info) for key, info in one.get("outputs", {}).items()},
        )
        for name, one in signatures.items()
    }


def _info_of_message(info: Any, optional: bool = False, default: Any = None) -> TensorInfo:
    sizes = None if info.tensor_shape.unknown_rank else [dim.size for dim in info.tensor_shape.dim]
    return TensorInfo(DTYPES.get(info.dtype, f"type {info.dtype}"), _shape(sizes), optional, default)


def _info_of_json(info: Mapping[str, Any], optional: bool = False, default: Any = None) -> TensorInfo:
    shape = info["tensor_shape"]
    # 64-bit numbers are strings in protobuf's JSON.
    sizes = None if shape.get("unknown_rank") else [int(dim["size"]) for dim in shape.get("dim", [])]
    return TensorInfo(_JSON_NAMES.get(info["dtype"], str(info["dtype"])), _shape(sizes), optional, default)


def _default_of_message(
    defaults: Mapping[str, Any], name: str, decode: Callable[[Any], Any]
) -> tuple[bool, Any]:
    if name not in defaults:
        return False, None
    if any(dim.size != 1 for dim in defaults[name].tensor_shape.dim):
        return True, None
    try:
        value = decode(defaults[name])
    except UnexpectedReplyError:  # of a type that no column has
        return True, None
    while isinstance(value, list):
        (value,) = value
    return True, value


def _default_of_json(defaults: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    if name not in defaults:
        return False, None
    tensor = defaults[name]
    field, read = _JSON_VALUES.get(tensor.get("dtype"), ("", str))
    values = tensor.get(field, [])
    return True, read(values[0]) if len(values) == 1 else None


def _shape(sizes: list[int] | None) -> tuple[int | None, ...] | None:
    return None if sizes is None else tuple(None if size < 0 else size for size in sizes)
