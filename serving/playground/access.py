"""Which requests of a browser the playground accepts: the headers `Host`, `Origin` and `Sec-Fetch-Site`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  compared with, not bound to
_MAX_SHOWN = 100


@dataclass(frozen=True)
class BrowserAccess:
    """Keeps pages of other origins from using the playground through a browser on this machine.

    Attributes:
        host: the address that the playground listens on.
        port: its port.
        further_hosts: names, without port, under which a proxy or another machine reaches it.
    """

    host: str
    port: int
    further_hosts: Sequence[str] = ()

    def refused_host(self, headers: Mapping[str, str]) -> str:
        """Why the `Host` is refused; "" if it is one of the playground.

        Another name that resolves to this machine belongs to a page of somebody else (DNS rebinding).
        """
        host = headers.get("host", "").lower()
        if host in self._own() or _name_of(host) in {name.lower() for name in self.further_hosts}:
            return ""
        return (
            f"The Host {host[:_MAX_SHOWN]!r} is not a name of this playground: open"
            f" http://127.0.0.1:{self.port}/, or start it with --allowed-host NAME."
        )

    def refused_origin(self, headers: Mapping[str, str]) -> str:
        """Why a request to the interface is refused; "" if the playground's own page may have sent it."""
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "Pages of other sites may not use this playground."
        origin = headers.get("origin", "").lower()
        scheme, _, place = origin.partition("://")
        if not origin or (scheme in ("http", "https") and place == headers.get("host", "").lower()):
            return ""
        return f"Pages of the origin {origin[:_MAX_SHOWN]!r} may not use this playground."

    def _own(self) -> set[str]:
        bound = f"[{self.host}]" if ":" in self.host else self.host.lower()
        names = _LOCAL_NAMES if self.host in _EVERY_ADDRESS else (*_LOCAL_NAMES, bound)
        own = {f"{name}:{self.port}" for name in names}
        return own | set(names) if self.port == 80 else own  # browsers leave the default port out


def _name_of(host: str) -> str:
    """The name in a Host header, without port."""
    name, separator, port = host.rpartition(":")
    return name if separator and port.isdigit() else host
