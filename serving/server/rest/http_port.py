"""The HTTP port: a socket, and uvicorn on a thread of its own."""

from __future__ import annotations

import socket
import threading

import uvicorn

from serving.server.ports import bind_tcp, open_tcp
from serving.server.rest.application import RestApplication

_FLAG = "rest_api_port"


class HttpPort:
    """Serves an ASGI application over HTTP; has its port from the beginning, and opens it in `start`.

    Args:
        application: what answers.
        host: the address to listen on.
        port: 0 takes a free one.
        drain_seconds: how long `stop` waits for requests that are being answered.

    Raises:
        PortInUseError: somebody else has the port.
    """

    def __init__(self, application: RestApplication, host: str, port: int, drain_seconds: float) -> None:
        self._socket: socket.socket = bind_tcp(host, port, flag=_FLAG)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            application,
            http="h11",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=max(1, round(drain_seconds)),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)

    def start(self) -> None:
        """Opens the port and answers."""
        open_tcp(self._socket, flag=_FLAG)
        self._thread.start()

    def stop(self) -> None:
        """Takes no more connections and waits for the requests in work."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
