"""Parses method and path into a route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from serving.server.status import ServingError, invalid_argument

_PREFIX = "/v1/"
_VERSION_OR_LABEL = r"(?:/versions/(?P<version>[0-9]+)|/labels/(?P<label>[^/:?]+))?"
_VERBS = ("predict", "classify", "regress")
# Any letter case matches, but only a verb in lower case is run: what else matched tells of the version first.
_INFER = re.compile(
    rf"/v1/models/(?P<name>[^/:?]+){_VERSION_OR_LABEL}:(?P<verb>{'|'.join(_VERBS)})", re.IGNORECASE | re.ASCII
)
_LOOK = re.compile(
    rf"/v1/models(?:/(?P<name>[^/:?]+))?{_VERSION_OR_LABEL}(?:/(?P<part>metadata))?", re.IGNORECASE | re.ASCII
)
_MAX_VERSION = 2**63 - 1


class UnreadableVersionError(Exception):
    """A version beyond 64 bits: TensorFlow Serving answers 400 with an empty body."""


@dataclass(frozen=True)
class Route:
    """A parsed request line.

    Attributes:
        verb: `predict`, `classify`, `regress`, `status` or `metadata`.
        name: the model.
        version: a version number, if one is named.
        label: a version label, if one is named.
    """

    verb: str
    name: str
    version: int | None = None
    label: str | None = None


def is_api_path(target: str) -> bool:
    """Whether a request target belongs to the API at all."""
    return target[: len(_PREFIX)].lower() == _PREFIX


def find_route(method: str, target: str) -> Route:
    """The route of a request; letter case does not matter, except in the verb and in `metadata`.

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
    version = None if found["version"] is None else _version(found["version"])
    # `METADATA` is a path that matches and names no part: the answer is the status, as upstream's.
    verb = found.get("verb") or ("metadata" if found["part"] == "metadata" else "status")
    if method == "POST" and verb not in _VERBS:
        raise malformed(method, target)
    if found["name"] is None:
        raise invalid_argument("Missing model name in request.")
    label = None if found["label"] is None else unquote(found["label"])
    return Route(verb, unquote(found["name"]), version, label)


def _version(digits: str) -> int:
    """A version number; leading zeros do not count, and thousands of digits cost nothing."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(_MAX_VERSION)) or int(digits) > _MAX_VERSION:
        raise UnreadableVersionError
    return int(digits)


def malformed(method: str, target: str) -> ServingError:
    """The error for a request that no route takes."""
    return invalid_argument(f"Malformed request: {method} {target}")
