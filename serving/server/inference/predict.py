"""Predict: named tensors into a signature, named tensors out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import numpy as np
from tensorflow.core.protobuf import meta_graph_pb2

from serving.server.inference.saved_model import check_dtypes
from serving.server.inference.tensor_proto import decode
from serving.server.status import Code, ServingError, failed_precondition, invalid_argument

Array = np.ndarray[Any, Any]
DEFAULT_SIGNATURE = "serving_default"
_MOST_NAMED = 100  # names that an error message lists
_METHODS = tuple(f"tensorflow/serving/{method}" for method in ("predict", "classify", "regress"))


class Runner(Protocol):
    """The interface of a loaded model: its signatures and one run."""

    @property
    def signatures(self) -> Mapping[str, meta_graph_pb2.SignatureDef]: ...

    def run(
        self, feeds: Mapping[str, Array], fetches: Sequence[str], timeout: float | None
    ) -> list[Array]: ...


@dataclass(frozen=True)
class Prediction:
    """The answer of a signature.

    Attributes:
        signature_name: the name that was resolved.
        signature: its definition.
        outputs: array by alias.
    """

    signature_name: str
    signature: meta_graph_pb2.SignatureDef
    outputs: dict[str, Array]


def predict(
    model: Runner,
    signature_name: str,
    inputs: Mapping[str, Array],
    *,
    output_filter: Sequence[str] = (),
    timeout: float | None = None,
    check_method: bool = False,
) -> Prediction:
    """Runs one signature.

    Args:
        model: a loaded model.
        signature_name: "" means `serving_default`.
        inputs: array by input alias; strings are object arrays of bytes.
        output_filter: aliases to run and return; none means all.
        timeout: seconds until DEADLINE_EXCEEDED.
        check_method: whether the signature must say that it is of a known method.

    Raises:
        ServingError: as TensorFlow Serving's Predict says it.
    """
    name = signature_name or DEFAULT_SIGNATURE
    signature = model.signatures.get(name)
    if signature is None:
        raise failed_precondition(f'Serving signature key "{name}" not found.')
    if check_method and signature.method_name not in _METHODS:
        raise ServingError(
            Code.INTERNAL,
            f"Expected prediction signature method_name to be one of {{{', '.join(_METHODS)}}}."
            f" Was: {signature.method_name}",
        )
    feeds = _feeds(signature, inputs)
    aliases = _fetched_aliases(signature, output_filter)
    arrays = model.run(feeds, [signature.outputs[alias].name for alias in aliases], timeout)
    return Prediction(name, signature, dict(zip(aliases, arrays, strict=True)))


def batch_rows(inputs: Mapping[str, Array]) -> int:
    """The rows of a request, as its first tensor says; a scalar counts as one."""
    first = next(iter(inputs.values()), None)
    if first is None:
        return 0
    return int(first.shape[0]) if first.ndim else 1


def _feeds(signature: meta_graph_pb2.SignatureDef, inputs: Mapping[str, Array]) -> dict[str, Array]:
    if len(inputs) > len(signature.inputs) or (
        len(inputs) < len(signature.inputs) and not signature.defaults
    ):
        raise invalid_argument(_size_mismatch(signature, inputs))
    typed: dict[str, tuple[Array, int]] = {}
    for alias, info in signature.inputs.items():
        array = inputs.get(alias)
        if array is None:
            if alias not in signature.defaults:
                raise invalid_argument(
                    f"Signature input alias: {alias}(feed name: {info.name}) not found in request and no"
                    f" default value provided. Inputs expected to be in the request {_braced(inputs)},"
                    f" or default input alias set: {','.join(sorted(signature.defaults))}"
                )
            array = decode(signature.defaults[alias])
        typed[info.name] = (array, info.dtype)
    used = sorted(alias for alias in signature.inputs if alias in inputs)
    if len(used) != len(inputs):
        raise invalid_argument(
            f"Inputs contains invalid name. Used request inputs: {','.join(used)},"
            f" request input: {','.join(sorted(inputs))}"
        )
    check_dtypes(typed)
    return {name: array for name, (array, _) in typed.items()}


def _fetched_aliases(signature: meta_graph_pb2.SignatureDef, output_filter: Sequence[str]) -> list[str]:
    if not output_filter:
        return sorted(signature.outputs)
    chosen: list[str] = []
    for alias in output_filter:
        if alias not in signature.outputs:
            raise invalid_argument(
                f"output tensor alias not found in signature: {alias}"
                f" Outputs expected to be in the set {_braced(signature.outputs)}."
            )
        if alias in chosen:
            raise invalid_argument(f"duplicate output tensor alias: {alias}")
        chosen.append(alias)
    return chosen


def _size_mismatch(signature: meta_graph_pb2.SignatureDef, inputs: Mapping[str, Array]) -> str:
    known = signature.inputs
    extra = (alias for alias in inputs if alias not in known)
    missing = (alias for alias in known if alias not in inputs)
    return (
        f"input size does not match signature: {len(inputs)}!={len(known)}"
        f" len({_braced(inputs)}) != len({_braced(known)})."
        f" Sent extra: {_braced(extra)}. Missing but required: {_braced(missing)}."
    )


def _braced(names: Iterable[str]) -> str:
    return "{" + ",".join(sorted(islice(names, _MOST_NAMED))) + "}"
