"""The gRPC port: its services on thread pools, over TCP and perhaps a unix socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import grpc

from serving.server.ports import PortInUseError, bind_tcp, check_unix
from serving.server.rpc.lanes import Lane, LanedServer

AddService = Callable[[grpc.Server], Any]
_MOST_HALF_OPEN = 128  # calls whose message has not come yet
_STREAMS = 16
_LOOKS = ("GetModelStatus", "GetModelMetadata", "Check", "List")


class GrpcPort:
    """Serves gRPC services; reserves its port when it is made, and listens from `start` on.

    Args:
        services: functions that register a service with the server they are given.
        host: the address to listen on.
        port: 0 takes a free one; None listens on the unix socket only.
        socket_path: a unix socket to listen on as well, or "".
        threads: predictions that run concurrently. Status, reloads and reflection have separate threads.
        max_message_bytes: larger requests are refused with RESOURCE_EXHAUSTED.
        drain_seconds: how long `begin_stop` lets active requests run.
        channel_arguments: further channel arguments.
        credentials: TLS credentials of the TCP port; None serves plain text.

    Raises:
        PortInUseError: another process has the port.
    """

    def __init__(
        self,
        services: Iterable[AddService],
        *,
        host: str,
        port: int | None,
        socket_path: str = "",
        threads: int = 16,
        max_message_bytes: int,
        drain_seconds: float,
        channel_arguments: Sequence[tuple[str, Any]] = (),
        credentials: grpc.ServerCredentials | None = None,
    ) -> None:
        self._drain_seconds = drain_seconds
        self._lanes = _lanes(threads)
        self._threads = ThreadPoolExecutor(_STREAMS, "grpc")  # only starts streams that then need no thread
        self._server = grpc.server(
            self._threads,
            options=[
                ("grpc.so_reuseport", 0),  # two servers on one port would share its requests
                ("grpc.max_receive_message_length", max_message_bytes),
                ("grpc.max_send_message_length", -1),
                *channel_arguments,
            ],
        )
        laned = cast(grpc.Server, LanedServer(self._server, self._lanes))
        for add in services:
            add(laned)
        self._host = host
        self._socket_path = socket_path
        self._credentials = credentials
        # gRPC listens as soon as it has a port, so a socket of ours reserves it until then.
        self._held: socket.socket | None = None
        self.port = 0
        if port is not None:
            self._held = bind_tcp(host, port, flag="port")
            self.port = self._held.getsockname()[1]
        if socket_path:
            check_unix(socket_path)

    def start(self) -> None:
        """Starts to listen.

        Raises:
            PortInUseError: another process took a port since the constructor.
        """
        if self._held is not None:
            self._held.close()
            self._listen(f"[{self._host}]:{self.port}" if ":" in self._host else f"{self._host}:{self.port}")
        if self._socket_path:
            self._listen_unix(self._socket_path)
        self._server.start()

    def begin_stop(self) -> threading.Event:
        """Refuses new requests; the event is set when active ones have finished or run out of time."""
        if self._held is not None:
            self._held.close()
        return self._server.stop(self._drain_seconds)

    def join(self) -> None:
        """Waits for the threads; call it after the models are closed, which ends their runs."""
        self._threads.shutdown()
        for lane in self._lanes.values():
            lane.join()

    def _listen(self, address: str) -> None:
        try:
            if self._credentials is not None:
                self._server.add_secure_port(address, self._credentials)
            else:
                self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise PortInUseError(f"Cannot listen on {address}: {error}") from error

    def _listen_unix(self, path: str) -> None:
        try:
            self._server.add_insecure_port(f"unix:{path}")
        except RuntimeError as error:
            raise PortInUseError(
                f"Cannot listen on the unix socket {path}: give another --grpc_socket_path=PATH ({error})"
            ) from error


def _lanes(threads: int) -> dict[str, Lane]:
    looks = Lane("grpc look", 4, _MOST_HALF_OPEN)
    return {
        "": Lane("grpc", threads, _MOST_HALF_OPEN),
        "HandleReloadConfigRequest": Lane("grpc reload", 4, _STREAMS),
        "ServerReflectionInfo": Lane("grpc reflection", 1, _STREAMS),
        **dict.fromkeys(_LOOKS, looks),
    }
