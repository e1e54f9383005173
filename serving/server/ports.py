"""Taking a TCP port, with a clear word when somebody has it already."""

from __future__ import annotations

import errno
import socket


class PortInUseError(Exception):
    """A port that the server was told to use is taken, or not ours to take."""


def bind_tcp(host: str, port: int, *, flag: str) -> socket.socket:
    """A listening socket.

    Args:
        host: an IPv4 or IPv6 address, or a host name.
        port: 0 takes a free one.
        flag: the flag that names the port, for the error.

    Raises:
        PortInUseError: with the flag to change.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, asyncio turns Nagle's algorithm off: without, a reply takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise port_error(host, port, flag, error) from error
    return listener


def check_free(host: str, port: int | None, *, flag: str) -> None:
    """Raises what `bind_tcp` would; None is no port."""
    if port:
        bind_tcp(host, port, flag=flag).close()


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
