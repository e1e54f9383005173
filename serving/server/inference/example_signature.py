"""Finding and running signatures that take serialized examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

from serving.server.inference.predict import DEFAULT_SIGNATURE, Runner
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
        ServingError: INVALID_ARGUMENT if the signature has other inputs than `inputs`.
    """
    if len(signature.inputs) != 1:
        raise invalid_argument("Expected one input Tensor.")
    info = signature.inputs.get(INPUTS)
    if info is None:
        raise invalid_argument(f"No {what} inputs found in SignatureDef: {_names(signature)}")
    if info.dtype != types_pb2.DT_STRING:
        raise invalid_argument(f"Expected {what} input Tensor of DT_STRING, for serialized examples.")
    return info.name


def check_method(signature: SignatureDef, expected: str, what: str) -> None:
    """Refuses a signature of another method; used only where the server is told to."""
    if signature.method_name != expected:
        raise invalid_argument(
            f"Expected {what} signature method_name to be {expected}. Was: {signature.method_name}"
        )


def run_examples(
    model: Runner, feed: str, rows: Array, fetches: Sequence[str], timeout: float | None
) -> Mapping[str, Array]:
    """Runs the graph on serialized examples; arrays by tensor name."""
    return dict(zip(fetches, model.run({feed: rows}, fetches, timeout), strict=True))


def shape_text(array: Array) -> str:
    """A shape as the runtime prints it."""
    return f"[{','.join(map(str, array.shape))}]"


def _names(signature: SignatureDef) -> str:
    return f"inputs {sorted(signature.inputs)}, outputs {sorted(signature.outputs)}"
