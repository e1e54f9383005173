"""Canonical status codes, the error that carries one, and its HTTP status."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """The canonical codes that gRPC and TensorFlow share."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


_HTTP = {
    Code.OK: 200,
    Code.INVALID_ARGUMENT: 400,
    Code.FAILED_PRECONDITION: 400,
    Code.OUT_OF_RANGE: 400,
    Code.UNAUTHENTICATED: 401,
    Code.PERMISSION_DENIED: 403,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.ABORTED: 409,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INTERNAL: 500,
    Code.DATA_LOSS: 500,
    Code.UNIMPLEMENTED: 501,
    Code.UNAVAILABLE: 503,
    Code.DEADLINE_EXCEEDED: 504,
}

_GRPC_LIMIT = 1024
_REST_LIMIT = 2000
TRUNCATED = "...TRUNCATED"


class ServingError(Exception):
    """A request that ends with a status other than OK.

    Args:
        code: the canonical code.
        message: the message for the client.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code.name}: {self.message}"


def invalid_argument(message: str) -> ServingError:
    """An INVALID_ARGUMENT error with this message."""
    return ServingError(Code.INVALID_ARGUMENT, message)


def failed_precondition(message: str) -> ServingError:
    """A FAILED_PRECONDITION error with this message."""
    return ServingError(Code.FAILED_PRECONDITION, message)


def not_found(message: str) -> ServingError:
    """A NOT_FOUND error with this message."""
    return ServingError(Code.NOT_FOUND, message)


def as_serving_error(error: BaseException) -> ServingError:
    """`error` as a ServingError: TensorFlow's own keep their code, anything else is INTERNAL."""
    if isinstance(error, ServingError):
        return error
    code = getattr(error, "error_code", None)
    if isinstance(code, int) and code in Code.__members__.values():
        return ServingError(Code(code), str(getattr(error, "message", error)))
    return ServingError(Code.INTERNAL, f"{type(error).__name__}: {error}")


def http_status(code: Code) -> int:
    """The HTTP status that stands for `code`."""
    return _HTTP[code]


def grpc_message(message: str) -> str:
    """`message` cut to what is sent as a gRPC status: 1024 bytes and a mark."""
    return cut(message, _GRPC_LIMIT)


def rest_message(message: str) -> str:
    """`message` cut to what is sent over REST: 2 KB with its mark."""
    return cut(message, _REST_LIMIT)


def cut(text: str, limit: int) -> str:
    """`text` in at most `limit` bytes of UTF-8, with a mark after them where something was left out."""
    encoded = text[:limit].encode("utf-8", "surrogateescape")
    if len(text) <= limit and len(encoded) <= limit:
        return text
    return encoded[:limit].decode("utf-8", "ignore") + TRUNCATED
