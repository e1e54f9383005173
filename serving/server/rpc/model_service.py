"""tensorflow.serving.ModelService."""

from __future__ import annotations

import grpc
from tensorflow_serving.apis import get_model_status_pb2, model_management_pb2, model_service_pb2_grpc

from serving.server.lifecycle.manager import ModelManager
from serving.server.lifecycle.status_reply import model_status
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.rpc.calls import answers, remaining
from serving.server.settings.models_file import models_of
from serving.server.status import Code, ServingError, invalid_argument

_LONGEST_WAIT_S = 600.0


class ModelService(model_service_pb2_grpc.ModelServiceServicer):
    """The states of the models, and new configurations, over gRPC.

    Args:
        models: what is served.
        metrics: whose increases a reload may ask for.
        reload: whether clients may give new configurations.
    """

    def __init__(
        self, models: ModelManager, metrics: ServerMetrics | None = None, *, reload: bool = True
    ) -> None:
        self._models = models
        self._reload = reload
        self._metrics = metrics or ServerMetrics()

    def add_to(self, server: grpc.Server) -> None:
        """Registers the service."""
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(self, server)

    @answers
    def GetModelStatus(  # noqa: N802  the protocol's name
        self, request: get_model_status_pb2.GetModelStatusRequest, context: grpc.ServicerContext
    ) -> get_model_status_pb2.GetModelStatusResponse:
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        spec = request.model_spec
        return model_status(self._models, spec.name, spec.version.value if spec.HasField("version") else None)

    @answers
    def HandleReloadConfigRequest(  # noqa: N802
        self, request: model_management_pb2.ReloadConfigRequest, context: grpc.ServicerContext
    ) -> model_management_pb2.ReloadConfigResponse:
        if not self._reload:
            message = "This server takes no new configurations: it runs with --enable_reload_config=false."
            raise ServingError(Code.PERMISSION_DENIED, message)
        reply = model_management_pb2.ReloadConfigResponse()
        if request.config.WhichOneof("config") != "model_config_list":
            raise invalid_argument(
                "ServerModelConfig type not supported by HandleReloadConfigRequest."
                " Only ModelConfigList is currently supported"
            )
        before = self._metrics.counts()
        new = self._models.reconfigure(models_of(request.config.model_config_list))
        left = remaining(context)
        timeout = _LONGEST_WAIT_S if left is None else min(left, _LONGEST_WAIT_S)
        self._models.wait_until_available(new, timeout)
        after = self._metrics.counts()
        for name in request.metric_names:
            reply.metric.add(name=name, int64_value_increase=after.get(name, 0) - before.get(name, 0))
        reply.status.error_code = 0
        return reply
