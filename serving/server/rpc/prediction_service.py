"""tensorflow.serving.PredictionService."""

from __future__ import annotations

import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.server.inference.predict import predict
from serving.server.inference.tensor_proto import decode, encode
from serving.server.lifecycle.manager import ModelManager
from serving.server.rpc.calls import answers, fill_spec, lease, remaining
from serving.server.status import ServingError, invalid_argument


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """The inference methods over gRPC.

    Args:
        models: what is served.
        as_content: whether replies carry raw `tensor_content` instead of typed fields.
    """

    def __init__(self, models: ModelManager, *, as_content: bool = False) -> None:
        self._models = models
        self._as_content = as_content

    def add_to(self, server: grpc.Server) -> None:
        """Registers the service."""
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(self, server)

    @answers
    def Predict(  # noqa: N802  the protocol's name
        self, request: predict_pb2.PredictRequest, context: grpc.ServicerContext
    ) -> predict_pb2.PredictResponse:
        with lease(self._models, request) as (model, version):
            answer = predict(
                model,
                request.model_spec.signature_name,
                _arrays(request),
                output_filter=list(request.output_filter),
                timeout=remaining(context),
            )
        reply = predict_pb2.PredictResponse()
        fill_spec(reply, request.model_spec.name, answer.signature_name, version)
        for alias, array in answer.outputs.items():
            dtype = answer.signature.outputs[alias].dtype
            reply.outputs[alias].CopyFrom(encode(array, dtype, as_content=self._as_content))
        return reply


def _arrays(request: predict_pb2.PredictRequest) -> dict:
    arrays = {}
    for alias, proto in request.inputs.items():
        try:
            arrays[alias] = decode(proto)
        except ServingError as error:
            raise invalid_argument(f"tensor parsing error: {alias}: {error.message}") from error
    return arrays
