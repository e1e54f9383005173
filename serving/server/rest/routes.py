"""Which request a method and a path mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from serving.server.status import ServingError, invalid_argument

_PREFIX = "/v1/"
_VERSION_OR_LABEL = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:?]+))?"
_INFER = re.compile(rf"/v1/models/(?P<name>[^/:?]+){_VERSION_OR_LABEL}:(?P<verb>\w+)", re.IGNORECASE)
_LOOK = re.compile(
    rf"/v1/models(?:/(?P<name>[^/:?]+))?{_VERSION_OR_LABEL}(?P<metadata>/metadata)?", re.IGNORECASE
)
_VERBS = ("predict", "classify", "regress")
_MAX_VERSION = 2**63 - 1


class UnreadableVersionError(Exception):
    """A version beyond 64 bits: TensorFlow Serving answers 400 with an empty body."""


@dataclass(frozen=True)
class Route:
    """What is asked for.

    Attributes:
        verb: `predict`, `classify`, `regress`, `status` or `metadata`.
        name: the model.
        version: a version number, if one is named.
        label: a version label, or "".
    """

    verb: str
    name: str
    version: int | None = None
    label: str = ""


def is_api_path(target: str) -> bool:
    """Whether a request target belongs to the API at all."""
    return target.startswith(_PREFIX)


def find_route(method: str, target: str) -> Route:
    """The route of a request.

    Args:
        method: `GET` or `POST`.
        target: path and query string as they were sent, still percent-encoded.

    Raises:
        ServingError: INVALID_ARGUMENT "Malformed request: …".
        UnreadableVersionError: the version does not fit.
    """
    match = {"POST": _INFER, "GET": _LOOK}.get(method, re.compile(r"(?!)")).fullmatch(target)
    if match is None:
        raise malformed(method, target)
    found = match.groupdict()
    verb = found.get("verb") or ("metadata" if found.get("metadata") else "status")
    if method == "POST" and verb not in _VERBS:
        raise malformed(method, target)
    if found["name"] is None:
        raise invalid_argument("Missing model name in request.")
    version = None if found["version"] is None else int(found["version"])
    if version is not None and version > _MAX_VERSION:
        raise UnreadableVersionError
    return Route(verb, unquote(found["name"]), version, unquote(found["label"] or ""))


def malformed(method: str, target: str) -> ServingError:
    """The error for a request that no route takes."""
    return invalid_argument(f"Malformed request: {method} {target}")
