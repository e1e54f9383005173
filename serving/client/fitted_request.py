"""Requests with the inputs of the served signature: options filled in or left out by its metadata."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from serving.client.errors import ClientError, RequestRefusedError
from serving.client.metadata import Metadata, Signature
from serving.client.operations import RetryPolicy, ask
from serving.client.transport import Call, Columns, InputTensor, Operation

_NO_NEUTRAL: Mapping[str, Any] = {}


def ask_fitted(
    call: Call,
    retries: RetryPolicy,
    neutral: Mapping[str, Any] = _NO_NEUTRAL,
    check: bool = False,
) -> Operation[Columns]:
    """Sends a request; if the server refuses it, reads the metadata and sends it once more as that allows.

    1. Inputs that the request lacks and the model has a default for get the default, for every row.
    2. Inputs that the model lacks are left out if they have their neutral value in every row.

    Args:
        call: a predict call.
        retries: when the server is unavailable.
        neutral: value of each option that changes nothing.
        check: read the metadata before the first request, since REST servers ignore inputs that the signature
            lacks.

    Raises:
        RequestRefusedError: the server refuses the request; or the model, exported by an earlier version,
            lacks an option that the request sets.
    """
    end = time.monotonic() + call.timeout
    if not check:
        try:
            return (yield from ask(call, retries))
        except RequestRefusedError as error:
            inputs = yield from _inputs_after(error, call, retries, neutral, end)
            if inputs is None:
                raise
    else:
        signatures = yield from _signatures(call, retries, end)
        known = signatures.get(call.signature)
        inputs = call.inputs if known is None else fitted_inputs(call, known, neutral)
    return (yield from ask(replace(call, inputs=inputs, timeout=end - time.monotonic()), retries))


def _inputs_after(
    error: RequestRefusedError, call: Call, retries: RetryPolicy, neutral: Mapping[str, Any], end: float
) -> Operation[Mapping[str, InputTensor] | None]:
    """Other inputs for a refused call, by the metadata; None if there are none."""
    if error.code != "INVALID_ARGUMENT" or time.monotonic() >= end:
        return None
    try:
        signatures = yield from _signatures(call, retries, end)
    except ClientError:
        return None
    if call.signature not in signatures:
        return None
    inputs = fitted_inputs(call, signatures[call.signature], neutral)
    return None if inputs == call.inputs else inputs


def _signatures(call: Call, retries: RetryPolicy, end: float) -> Operation[Metadata]:
    question = replace(call, signature="", inputs={}, timeout=end - time.monotonic(), kind="metadata")
    reply = yield from ask(question, retries)
    return reply["signatures"]


def fitted_inputs(
    call: Call, signature: Signature, neutral: Mapping[str, Any] = _NO_NEUTRAL
) -> dict[str, InputTensor]:
    """The inputs of the call as the signature takes them, see `ask_fitted`.

    Raises:
        RequestRefusedError: an option is set that the signature lacks.
    """
    kept = {}
    for name, column in call.inputs.items():
        if name in signature.inputs or name not in neutral:
            kept[name] = column
        elif any(value != neutral[name] for value in column.values):
            raise RequestRefusedError(
                f"signature {call.signature!r} of model {call.target.model!r} has no option {name!r}: export "
                "the model again with this version, or leave the option out",
                code="INVALID_ARGUMENT",
            )
    rows = len(next(iter(call.inputs.values())).values) if call.inputs else 0
    missing = {
        name: InputTensor(info.dtype, [info.default] * rows)
        for name, info in signature.inputs.items()
        if name not in kept and info.default is not None
    }
    return kept | missing
