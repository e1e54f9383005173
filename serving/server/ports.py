"""Binds ports before they listen, with an error that names the flag of a port in use."""

from __future__ import annotations

import errno
import socket
from pathlib import Path


class PortInUseError(Exception):
    """A port that the server is to use is taken, or may not be used."""


def bind_tcp(host: str, port: int, *, flag: str) -> socket.socket:
    """A socket that is bound to the port alone and does not listen: connections are refused.

    Args:
        host: an IPv4 or IPv6 address, or a host name.
        port: 0 takes a free one.
        flag: the flag that names the port, for the error.

    Raises:
        PortInUseError: with the flag to change.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio turns Nagle's algorithm off: without, a reply takes 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Connections of an earlier server that are not forgotten yet must not be in the way …
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        # … but a second server must: with this set, it could take the port until one of them listens.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except OSError as error:
        bound.close()
        raise port_error(host, port, flag, error) from error
    return bound


def open_tcp(bound: socket.socket, *, flag: str) -> None:
    """Lets a socket of `bind_tcp` listen.

    Raises:
        PortInUseError: as there.
    """
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.listen(1024)
    except OSError as error:
        host, port = bound.getsockname()[:2]
        raise port_error(host, port, flag, error) from error


def check_free(host: str, port: int | None, *, flag: str) -> None:
    """Raises what `bind_tcp` would; None is no port."""
    if port:
        bind_tcp(host, port, flag=flag).close()


def check_unix(path: str) -> None:
    """Whether a unix socket can be made at `path`; what lies there already, gRPC replaces.

    Raises:
        PortInUseError: the folder is missing or not ours to write, or the path is too long.
    """
    if Path(path).exists():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(path)
        except OSError as error:
            raise PortInUseError(
                f"Cannot listen on the unix socket {path} ({error.strerror or error}): give another"
                " --grpc_socket_path=PATH."
            ) from error
    Path(path).unlink()


def port_error(host: str, port: int, flag: str, error: OSError) -> PortInUseError:
    """The error for a port that could not be taken."""
    if error.errno == errno.EADDRINUSE:
        return PortInUseError(
            f"Port {port} on {host} is in use by another process: stop it, or give another --{flag}=PORT."
        )
    return PortInUseError(
        f"Cannot listen on {host}:{port} ({error.strerror or error}): give another --{flag}=PORT"
        " or another --bind_address=ADDRESS."
    )
