"""The HTTP port: a socket, and uvicorn on a thread of its own."""

from __future__ import annotations

import socket
import threading
from typing import Any, Literal

import uvicorn

from serving.server.ports import bind_tcp, open_tcp
from serving.server.rest.connection import bounded_connection
from serving.server.rest.limits import RestLimits, connection_limit
from serving.server.rest.listener import BoundedServer

_KEEP_ALIVE_S = 75


class HttpPort:
    """Serves an ASGI application over HTTP; binds its port when made, and opens it in `start`.

    Args:
        application: what answers.
        host: the address to listen on.
        port: 0 takes a free one.
        drain_seconds: how long `stop` waits for requests that are being answered.
        limits: bounds of connections and headers.
        flag: the flag that names the port, for errors.
        lifespan: whether the application is told when the server starts and ends ("on" or "off").

    Raises:
        PortInUseError: another process has the port.
    """

    def __init__(
        self,
        application: Any,
        host: str,
        port: int,
        drain_seconds: float,
        limits: RestLimits,
        flag: str = "rest_api_port",
        lifespan: Literal["on", "off"] = "off",
    ) -> None:
        self._flag = flag
        self._socket: socket.socket = bind_tcp(host, port, flag=flag)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            application,
            http=bounded_connection(limits.header_timeout_s),
            lifespan=lifespan,
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
        open_tcp(self._socket, flag=self._flag)
        self._thread.start()

    def stop(self) -> None:
        """Accepts no more connections and waits for the requests in work."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()
