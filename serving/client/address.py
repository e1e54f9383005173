"""Which port an address means."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Address:
    """Where a server is.

    Attributes:
        target: what the transport dials: a URL without a path for REST, a gRPC target else.
        is_rest: REST, or gRPC.
        is_secure: gRPC over TLS; for REST the URL says it.
    """

    target: str
    is_rest: bool
    is_secure: bool = False

    def __str__(self) -> str:
        return self.target


def parse_address(text: str) -> Address:
    """Reads `http://HOST:PORT`, `https://…` (REST), `HOST:PORT`, `grpc://…`, `grpcs://…` (TLS) or
    `unix:PATH` (gRPC).

    Raises:
        ValueError: anything else.
    """
    if text.startswith(("http://", "https://")):
        if not urlsplit(text).hostname:
            raise _bad(text)
        return Address(text.rstrip("/"), is_rest=True)
    if text.startswith("unix:"):
        return Address(text, is_rest=False)
    secure = text.startswith("grpcs://")
    plain = text.removeprefix("grpcs://" if secure else "grpc://").rstrip("/")
    host, _, port = plain.rpartition(":")
    if not host or not port.isdigit() or "/" in plain:
        raise _bad(text)
    return Address(plain, is_rest=False, is_secure=secure)


def _bad(text: str) -> ValueError:
    return ValueError(
        f"address must be HOST:PORT or unix:PATH for gRPC, or http://HOST:PORT for REST; got {text!r}"
    )
