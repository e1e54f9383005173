"""Which pages and host names may use the HTTP port: the `Host` and `Origin` headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_MAX_SHOWN = 200


@dataclass(frozen=True)
class AccessPolicy:
    """Keeps web pages of other origins from driving a server that only its own machine can reach.

    Attributes:
        check_host: refuse a `Host` that is neither a loopback name nor among `allowed_hosts`, so that a
            page whose name resolves to 127.0.0.1 (DNS rebinding) cannot read replies.
        allowed_hosts: further host names, without port.
        allowed_origins: origins, such as `https://a.example`, that may send requests and read replies.
        any_origin: all may, as TensorFlow Serving's --rest_api_enable_cors_support.
    """

    check_host: bool = False
    allowed_hosts: Sequence[str] = ()
    allowed_origins: Sequence[str] = ()
    any_origin: bool = False

    def refusal(self, method: str, headers: Mapping[str, str]) -> str:
        """Why a request is refused; "" if it is not.

        A request without `Origin`, which is one of no web page, passes; so does a preflight (OPTIONS):
        its reply decides nothing without CORS headers.
        """
        host = headers.get("host", "")
        if not self._is_known_host(host):
            return (
                f"The Host {host[:_MAX_SHOWN]!r} is not a name of this server; start it with"
                " --rest_api_allowed_hosts=NAME if it is."
            )
        origin = headers.get("origin", "")
        if method == "OPTIONS" or not origin or self._allows(origin) or _is_same(origin, host):
            return ""
        return (
            f"Pages of the origin {origin[:_MAX_SHOWN]!r} may not use this server; start it with"
            " --rest_api_allowed_origins=ORIGIN or --rest_api_enable_cors_support to allow it."
        )

    def cors_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The CORS headers of the reply to a request with these headers; none for an origin not allowed."""
        origin = headers.get("origin", "")
        if not self.any_origin and not (origin and self._allows(origin)):
            return {}
        cors = {
            "access-control-allow-origin": "*" if self.any_origin else origin,
            "access-control-allow-methods": "POST, GET",
            "access-control-allow-headers": "Content-Type",
        }
        return cors if self.any_origin else {**cors, "vary": "Origin"}

    def _allows(self, origin: str) -> bool:
        return self.any_origin or origin.lower() in {one.lower().rstrip("/") for one in self.allowed_origins}

    def _is_known_host(self, host: str) -> bool:
        if not self.check_host or not host:
            return True
        name = _host_name(host)
        allowed = {one.lower() for one in self.allowed_hosts}
        return name == "localhost" or is_loopback(name) or name in allowed


def is_loopback(address: str) -> bool:
    """Whether `address` is an address of this machine only, such as 127.0.0.1, or `localhost`."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"


def _host_name(host: str) -> str:
    """The name in a Host header, lower-case, without port and brackets; "?" if there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "?").rstrip(".")
    except ValueError:
        return "?"


def _is_same(origin: str, host: str) -> bool:
    scheme, separator, place = origin.lower().partition("://")
    return bool(separator) and scheme in ("http", "https") and place == host.lower()
