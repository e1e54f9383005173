"""Replies of the playground: JSON, and errors as a kind with a sentence."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.responses import Response

from serving.client.errors import (
    ClientError,
    DeadlineError,
    ModelNotFoundError,
    OverloadedError,
    RequestRefusedError,
    UnavailableError,
)

# The kind, by which the page chooses a sentence in the user's language, and the HTTP status.
_OF_CLIENT: tuple[tuple[type[ClientError], str, int], ...] = (
    (UnavailableError, "unreachable", 502),
    (DeadlineError, "late", 504),
    (ModelNotFoundError, "missing", 404),
    (OverloadedError, "overloaded", 503),
    (RequestRefusedError, "refused", 400),
)


def success(content: Any) -> Response:
    """A reply of 200. Numbers that JSON lacks (NaN, infinite) become null; lone surrogates are escaped."""
    return _json(200, content)


def failure(status: int, kind: str, message: str) -> Response:
    """A reply with an error.

    Args:
        status: of HTTP.
        kind: for programs, such as `unreachable`.
        message: one sentence.
    """
    return _json(status, {"error": {"kind": kind, "message": message}})


def failure_of(error: ClientError) -> Response:
    """The reply for an error of the served model's client."""
    kind, status = kind_of(error)
    return failure(status, kind, str(error))


def kind_of(error: ClientError) -> tuple[str, int]:
    """The kind of an error and the HTTP status of its reply; `fault` if the server or model failed."""
    for type_, kind, status in _OF_CLIENT:
        if isinstance(error, type_):
            return kind, status
    return "fault", 502


def _json(status: int, content: Any) -> Response:
    body = json.dumps(_finite(content), allow_nan=False, separators=(",", ":"))
    return Response(body, status, {"cache-control": "no-store"}, "application/json")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
