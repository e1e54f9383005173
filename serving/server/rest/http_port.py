"""The HTTP port: a socket, and uvicorn on a thread of its own."""

from __future__ import annotations

import socket
import threading

import uvicorn

from serving.server.ports import bind_tcp, open_tcp
from serving.server.rest.application import RestApplication
from serving.server.rest.connection import bounded_connection
from serving.server.rest.limits import RestLimits, connection_limit
from serving.server.rest.listener import BoundedServer

_FLAG = "rest_api_port"
_KEEP_ALIVE_S = 75


class HttpPort:
    """Serves an ASGI application over HTTP; binds its port when made, and opens it in `start`.

    Args:
        application: what answers.
        host: the address to listen on.
        port: 0 takes a free one.
        drain_seconds: how long `stop` waits for requests that are being answered.
        limits: bounds of connections and headers.

    Raises:
        PortInUseError: another process has the port.
    """

    def __init__(
        self, application: RestApplication, host: str, port: int, drain_seconds: float, limits: RestLimits
    ) -> None:
        self._socket: socket.socket = bind_tcp(host, port, flag=_FLAG)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            application,
            http=bounded_connection(limits.header_timeout_s),
            lifespan="off",
            log_config=None,
            log_level="error",  # a line for each malformed request would be the client's to fill the disk
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=max(1, round(drain_seconds)),
        )
        self._server = BoundedServer(config, self._socket, connection_limit(limits.max_connections))
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    def start(self) -> None:
        """Opens the port and answers."""
        open_tcp(self._socket, flag=_FLAG)
        self._thread.start()

    def stop(self) -> None:
        """Accepts no more connections and waits for the requests in work."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()
