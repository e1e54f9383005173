"""What can go wrong when a served model is asked.

ClientError
├── UnavailableError       nobody answers, or the server says UNAVAILABLE; only this is retried
├── DeadlineError          no answer in time
├── RequestRefusedError    the request is wrong: INVALID_ARGUMENT, FAILED_PRECONDITION …
├── ModelNotFoundError     no such model, version or signature's tensor: NOT_FOUND
├── OverloadedError        too large or too many: RESOURCE_EXHAUSTED
├── ServerFaultError       the server or the model failed: INTERNAL, UNKNOWN …
└── UnexpectedReplyError   a reply that does not hold what the signature promises
"""

from __future__ import annotations


class ClientError(Exception):
    """Base of all errors of the client.

    Attributes:
        code: the canonical status name, such as `UNAVAILABLE`.
        address: who was asked.
    """

    def __init__(self, message: str, *, code: str = "UNKNOWN", address: str = "") -> None:
        super().__init__(message)
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
    """The request is too large, or there are too many."""


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
    """The error that stands for a status code's name."""
    kind = _KINDS.get(code, ServerFaultError)
    return kind(f"{address} answers {code}: {message}", code=code, address=address)


def code_of_http(status: int) -> str:
    """The canonical code behind an HTTP status."""
    return _HTTP_CODES.get(status, "INTERNAL")


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
