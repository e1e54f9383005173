"""uvicorn's server with an accept loop of its own, which bounds the connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import uvicorn

from serving.server.logs import log
from serving.server.rest.connection import BoundedConnection

_BODY = b'{\n    "error": "All connections of the server are in use; try again later."\n}'
_REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)
_REFUSAL_LINGER_S = 0.5
_MAX_LINGERING = 16
_RETRY_S = 0.2


class BoundedServer(uvicorn.Server):
    """Accepts at most `max_connections` connections at a time.

    One more takes the place of the connection that has been idle for longest; where all are busy with
    requests, it is refused with 503. asyncio's own accept loop retries and logs without a pause when the
    process has no file descriptors left; this one pauses.

    Args:
        config: uvicorn's; its `http` must be a BoundedConnection class.
        listener: the socket that listens.
        max_connections: open connections, refused ones not counted.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket, max_connections: int) -> None:
        super().__init__(config)
        self._listener = listener
        self._max_connections = max_connections
        self._lingering = 0
        self._accepting: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])  # it listens on nothing
        self._listener.setblocking(False)
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._accepting
        self._listener.close()
        await super().shutdown(sockets=[])

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listener)
            except ConnectionAbortedError:
                continue
            except OSError as error:
                log.warning("The REST port cannot accept connections at the moment: %s", error)
                await asyncio.sleep(_RETRY_S)
                continue
            if len(self.server_state.connections) >= self._max_connections and not self._evict():
                self._refuse(connection, loop)
                continue
            with contextlib.suppress(OSError):
                await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        protocol: Any = self.config.http_protocol_class
        return protocol(config=self.config, server_state=self.server_state, app_state={})

    def _evict(self) -> bool:
        """Closes the connection that has been idle for longest; False if none is idle."""
        connections: Any = self.server_state.connections
        idle: list[BoundedConnection] = [one for one in connections if one.is_idle]
        if not idle:
            return False
        oldest = min(idle, key=lambda one: one.idle_since)
        self.server_state.connections.discard(oldest)
        oldest.transport.close()
        return True

    def _refuse(self, connection: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        connection.setblocking(False)
        with contextlib.suppress(OSError):
            connection.send(_REFUSAL)
            connection.shutdown(socket.SHUT_WR)
        if self._lingering >= _MAX_LINGERING:
            connection.close()
            return
        # Closed at once with unread bytes, the connection would be reset and the reply lost.
        self._lingering += 1
        loop.call_later(_REFUSAL_LINGER_S, self._close, connection)

    def _close(self, connection: socket.socket) -> None:
        self._lingering -= 1
        connection.close()
