"""grpc.health.v1.Health: SERVING for the services that TensorFlow Serving names."""

from __future__ import annotations

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

_SERVICES = ("", "ModelService", "PredictionService")


class Health:
    """The health service; it says NOT_SERVING once the server ends."""

    def __init__(self) -> None:
        self._servicer = health.HealthServicer()
        for name in _SERVICES:
            self._servicer.set(name, health_pb2.HealthCheckResponse.SERVING)

    def add_to(self, server: grpc.Server) -> None:
        """Registers the service."""
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)

    def leave(self) -> None:
        """Tells those who watch that the server ends."""
        self._servicer.enter_graceful_shutdown()
