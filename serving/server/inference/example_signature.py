"""Finding and running signatures that take serialized examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from serving.server.inference.predict import DEFAULT_SIGNATURE, Runner
from serving.server.inference.tensor_proto import dtype_name
from serving.server.status import invalid_argument

Array = np.ndarray[Any, Any]

INPUTS = "inputs"


def find_signature(model: Runner, name: str) -> tuple[str, SignatureDef]:
    """The signature of that name ("" is serving_default) and its name.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    name = name or DEFAULT_SIGNATURE
    signature = model.signatures.get(name)
    if signature is None:
        raise invalid_argument(f"No signature was found with the name: {name}")
    return name, signature


def input_name(signature: SignatureDef, what: str) -> str:
    """The tensor that the examples go into.

    Raises:
        ServingError: INVALID_ARGUMENT if the signature has other inputs than `inputs`, or if that is
            no string, in the runtime's words.
    """
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    info = signature.inputs.get(INPUTS)
    if info is None:
        raise invalid_argument(f"No {what} inputs found in SignatureDef: {signature}")
    if info.dtype != types_pb2.DT_STRING:
        raise invalid_argument(f"Expects arg[0] to be {dtype_name(info.dtype)} but string is provided")
    return info.name


def check_method(signature: SignatureDef, expected: str, what: str) -> None:
    """Refuses a signature of another method; called only if the server is configured to check."""
    if signature.method_name != expected:
        raise invalid_argument(
            f"Expected {what} signature method_name to be {expected}. Was: {signature.method_name}"
        )


def run_examples(
    model: Runner, feeds: Iterable[str], rows: Array, fetches: Sequence[str], timeout: float | None
) -> Mapping[str, Array]:
    """Runs the graph once, with the serialized examples in each of `feeds`; arrays by tensor name."""
    return dict(zip(fetches, model.run(dict.fromkeys(feeds, rows), fetches, timeout), strict=True))


def shape_text(array: Array) -> str:
    """A shape as the runtime prints it."""
    return f"[{','.join(map(str, array.shape))}]"


def type_text(array: Array) -> str:
    """An array's DataType as its proto names it: `DT_FLOAT`, `DT_STRING` …"""
    return types_pb2.DataType.Name(tf.as_dtype(array.dtype).as_datatype_enum)
