"""The parts of a predict request: signature and tensors, from parsed JSON."""

from __future__ import annotations

from collections.abc import Container

from serving.server.rest.pretty_writer import debug_text
from serving.server.rest.tensors_from_json import TensorInfos, read_inputs, read_instances
from serving.server.status import ServingError, invalid_argument


def signature_name_of(request: dict[str, object]) -> str:
    """The request's `signature_name`, "" if it has none.

    Raises:
        ServingError: INVALID_ARGUMENT if it is not a string.
    """
    name = request.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid_argument(
            f"JSON Value: {debug_text(request)} not formatted correctly."
            " 'signature_name' key must be a string value."
        )
    return name


def read_tensors(
    request: dict[str, object], inputs: TensorInfos, optional: Container[str], signature: str
) -> tuple[dict, bool]:
    """The tensors of a request by input, and whether it gave them row by row (``instances``).

    Raises:
        ServingError: INVALID_ARGUMENT if it gives both or neither form, or values that do not fit.
    """
    if not inputs:
        raise invalid_argument(f"Failed to get input map for signature: {signature or 'DEFAULT'}")
    if "instances" in request:
        instances = request["instances"]
        if "inputs" in request:
            both = "expecting only one of 'inputs' or 'instances' keys to exist "
            raise _wrong(request, f"Not formatted correctly {both}")
        if not isinstance(instances, list):
            raise _wrong(request, "Excepting 'instances' to be an list/array")
        if not instances:
            raise _wrong(request, "No values in 'instances' array")
        return read_instances(instances, inputs, optional), True
    if "inputs" not in request:
        raise invalid_argument("Missing 'inputs' or 'instances' key")
    return read_inputs(request["inputs"], inputs, optional), False


def _wrong(request: dict[str, object], what: str) -> ServingError:
    return invalid_argument(f"JSON Value: {debug_text(request)} {what}")
