"""Exceptions of the client; whatever a server sends ends in one of them.

ClientError
├── UnavailableError       nobody answers, or the server says UNAVAILABLE; only this is retried
├── DeadlineError          no answer in time
├── RequestRefusedError    the request is wrong: INVALID_ARGUMENT, FAILED_PRECONDITION …
├── ModelNotFoundError     no such model, version or signature's tensor: NOT_FOUND
├── OverloadedError        request or reply too large, or too many requests: RESOURCE_EXHAUSTED
├── ServerFaultError       the server or the model failed: INTERNAL, UNKNOWN …
└── UnexpectedReplyError   a reply that does not hold what the signature promises
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from serving.client.printable import excerpt

_LONGEST_MESSAGE = 2000  # characters; what a server sends may be part of it
_LONGEST_TEXT = 1000  # of the error text of a server


class ClientError(Exception):
    """Base of all errors of the client. Control characters of the message become dots.

    Attributes:
        code: the canonical status name, such as `UNAVAILABLE`.
        address: who was asked.
    """

    def __init__(self, message: str, *, code: str = "UNKNOWN", address: str = "") -> None:
        super().__init__(excerpt(message, _LONGEST_MESSAGE))
        self.code = code
        self.address = address


class UnavailableError(ClientError):
    """Nobody answers, or the server says that it cannot now."""


class DeadlineError(ClientError):
    """The answer did not come in time."""


class RequestRefusedError(ClientError):
    """The server says that the request is wrong."""


class ModelNotFoundError(ClientError):
    """The server has no such model or version."""


class OverloadedError(ClientError):
    """The request or the reply is too large, or there are too many requests."""


class ServerFaultError(ClientError):
    """The server or the model failed."""


class UnexpectedReplyError(ClientError):
    """The reply does not hold what was asked for."""


_KINDS: dict[str, type[ClientError]] = {
    "UNAVAILABLE": UnavailableError,
    "DEADLINE_EXCEEDED": DeadlineError,
    "CANCELLED": DeadlineError,
    "INVALID_ARGUMENT": RequestRefusedError,
    "FAILED_PRECONDITION": RequestRefusedError,
    "OUT_OF_RANGE": RequestRefusedError,
    "UNIMPLEMENTED": RequestRefusedError,
    "UNAUTHENTICATED": RequestRefusedError,
    "PERMISSION_DENIED": RequestRefusedError,
    "NOT_FOUND": ModelNotFoundError,
    "RESOURCE_EXHAUSTED": OverloadedError,
}

_HTTP_CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    413: "RESOURCE_EXHAUSTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def error_for(code: str, message: str, address: str) -> ClientError:
    """The exception for the name of a status code."""
    kind = _KINDS.get(code, ServerFaultError)
    text = excerpt(message, _LONGEST_TEXT)
    return kind(f"{address} answers {code}: {text}", code=code, address=address)


def error_for_http(status: int, message: str, address: str, location: str = "") -> ClientError:
    """The exception for an HTTP status other than 200.

    Args:
        status: of the reply.
        message: the error text of the reply's JSON, or "".
        address: the server's.
        location: the header Location, the target of a redirect.
    """
    if message and status in _HTTP_CODES:
        return error_for(_HTTP_CODES[status], message, address)
    text = f"HTTP {status}: {message or 'a reply without an error text'}"
    if status >= 400 and status < 600:
        return error_for(_HTTP_CODES.get(status, "INTERNAL"), text, address)
    if 300 <= status < 400 and location:
        text = f"HTTP {status}, a redirect to {location!r}, which is not followed: give the address itself"
    return UnexpectedReplyError(f"{address} answers {excerpt(text, _LONGEST_TEXT)}", address=address)


@contextmanager
def reading_reply(address: str = "") -> Iterator[None]:
    """Turns any exception that a malformed reply causes in the block into UnexpectedReplyError."""
    try:
        yield
    except ClientError as error:
        error.address = error.address or address
        raise
    except Exception as error:
        raise unreadable(error, address) from error


def unreadable(error: Exception, address: str = "") -> UnexpectedReplyError:
    """The error for a reply over which `error` was raised."""
    cause = excerpt(f"{type(error).__name__}: {error}")
    server = address or "The server"
    return UnexpectedReplyError(f"{server} sends a reply that cannot be read ({cause}).", address=address)


def nobody_answers(address: str, cause: str) -> UnavailableError:
    """The error for a server that is not there."""
    return UnavailableError(
        f"cannot connect to {address} ({cause}); start a server with `make serve`, or give the address of"
        " a running one",
        code="UNAVAILABLE",
        address=address,
    )


def too_late(address: str, seconds: float) -> DeadlineError:
    """The error for an answer that did not come in time."""
    return DeadlineError(
        f"{address} did not answer within {seconds:g} s: ask for fewer texts at once, or give a larger"
        " timeout.",
        code="DEADLINE_EXCEEDED",
        address=address,
    )


def too_large(address: str, max_bytes: int) -> OverloadedError:
    """The error for a reply beyond `max_reply_bytes`."""
    return OverloadedError(
        f"{address} sends a reply of more than {max_bytes:,} bytes: send fewer texts per request, or give"
        " the client a larger max_reply_bytes.",
        code="RESOURCE_EXHAUSTED",
        address=address,
    )
