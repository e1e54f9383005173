"""gRPC server reflection: clients such as grpcurl learn the services from the server."""

from __future__ import annotations

import grpc
from grpc_reflection.v1alpha import reflection

_SERVICES = ("tensorflow.serving.PredictionService", "tensorflow.serving.ModelService")


def add_reflection(server: grpc.Server, *, with_health: bool) -> None:
    """Registers the reflection service for what this server has."""
    health = ("grpc.health.v1.Health",) if with_health else ()
    reflection.enable_server_reflection((*_SERVICES, *health, reflection.SERVICE_NAME), server)
