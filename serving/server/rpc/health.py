"""grpc.health.v1.Health: SERVING for the services that TensorFlow Serving names."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from serving.server.rpc.calls import abort
from serving.server.status import Code, ServingError

_SERVICES = ("", "ModelService", "PredictionService")
_UNKNOWN = "unknown"
_MOST_WATCHES = 1000


class Health:
    """The health service; its status is NOT_SERVING once the server shuts down."""

    def __init__(self) -> None:
        self._servicer = _BoundedServicer()
        for name in _SERVICES:
            self._servicer.set(name, health_pb2.HealthCheckResponse.SERVING)

    def add_to(self, server: grpc.Server) -> None:
        """Registers the service."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    def leave(self) -> None:
        """Sets NOT_SERVING, also for open watches."""
        self._servicer.enter_graceful_shutdown()


class _BoundedServicer(health.HealthServicer):
    """The stock servicer with bounded watches; it stores no service names of clients."""

    def __init__(self) -> None:
        super().__init__()
        self._watches = 0
        self._count_lock = threading.Lock()

    def Watch(  # noqa: N802  the protocol's name
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.ServicerContext,
        send_response_callback: Callable[[Any], None] | None = None,
    ) -> Any:
        if not self._count(1):
            message = f"There are {_MOST_WATCHES} open watches, the maximum: close one, or call Check."
            abort(context, ServingError(Code.RESOURCE_EXHAUSTED, message))
        if not context.add_callback(lambda: self._count(-1)):
            self._count(-1)
        if request.service not in _SERVICES:
            request = health_pb2.HealthCheckRequest(service=_UNKNOWN)
        return super().Watch(request, context, send_response_callback)

    def _count(self, change: int) -> bool:
        with self._count_lock:
            if self._watches + change > _MOST_WATCHES:
                return False
            self._watches += change
            return True
