"""An HTTP transport whose calls end at one deadline, however slowly a server sends.

The timeouts of httpx2 count anew with each read and each address of a host, so that a byte now and then
keeps a call alive. Here every wait of a call's sockets gets what is left of its time.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

_WRITTEN_AT_ONCE = 65536  # bytes


class Deadline(threading.local):
    """When the call of the current thread must end."""

    end = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Sets the deadline for the calls inside of the block."""
        self.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self.end = math.inf

    def left(self, error: type[Exception], timeout: float | None) -> float | None:
        """Seconds until then, at most `timeout`; raises `error` if there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise error("the deadline has passed")
        longest = min(left, math.inf if timeout is None else timeout)
        return None if longest == math.inf else longest


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(httpcore2.ReadTimeout, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        for begin in range(0, len(view), _WRITTEN_AT_ONCE):
            left = self._deadline.left(httpcore2.WriteTimeout, timeout)
            self._inner.write(bytes(view[begin : begin + _WRITTEN_AT_ONCE]), left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._deadline.left(httpcore2.ConnectTimeout, timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._inner = httpcore2.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for *_, address in found:
            left = self._deadline.left(httpcore2.ConnectTimeout, timeout)
            try:
                stream = self._inner.connect_tcp(str(address[0]), port, left, local_address, socket_options)
            except httpcore2.ConnectError as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure


class DeadlineTransport(httpx2.HTTPTransport):
    """HTTP/1.1 with kept-alive connections, whose calls end at `deadline`."""

    def __init__(self, deadline: Deadline) -> None:
        context = httpx2.create_ssl_context(trust_env=False)
        super().__init__(verify=context)
        # httpx2 has no argument for the network backend of its pool.
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Backend(deadline),
        )
