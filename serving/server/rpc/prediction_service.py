"""tensorflow.serving.PredictionService."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from serving.server.inference.example_methods import ExampleMethods
from serving.server.inference.examples import example_count
from serving.server.inference.metadata import SIGNATURE_DEF, check_fields, signature_map
from serving.server.inference.predict import predict
from serving.server.inference.proto_inputs import ProtoInputs
from serving.server.inference.tensor_proto import encode
from serving.server.lifecycle.manager import ModelManager
from serving.server.metrics.recorder import Recorder, RequestRecord
from serving.server.metrics.server_metrics import ServerMetrics
from serving.server.rpc.calls import answers, fill_spec, lease, remaining
from serving.server.status import invalid_argument


class PredictionService(prediction_service_pb2_grpc.PredictionServiceServicer):
    """The inference methods over gRPC.

    Args:
        models: what is served.
        as_content: whether replies carry raw `tensor_content` instead of typed fields.
        examples: answers the methods that take examples.
        recorder: notes requests.
    """

    def __init__(
        self,
        models: ModelManager,
        *,
        as_content: bool = False,
        examples: ExampleMethods | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._recorder = recorder or Recorder(ServerMetrics())
        self._models = models
        self._examples = examples or ExampleMethods()
        self._as_content = as_content

    def add_to(self, server: grpc.Server) -> None:
        """Registers the service."""
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(self, server)

    @answers
    def Predict(  # noqa: N802  the protocol's name
        self, request: predict_pb2.PredictRequest, context: grpc.ServicerContext
    ) -> predict_pb2.PredictResponse:
        with self._record("Predict", request) as record, lease(self._models, request) as (model, version):
            record.version = version
            inputs = ProtoInputs(request, self._examples.max_rows)
            record.rows = inputs.rows
            with record.run():
                answer = predict(
                    model,
                    request.model_spec.signature_name,
                    inputs,
                    output_filter=request.output_filter,
                    timeout=remaining(context),
                    check_method=self._examples.check_method_names,
                )
        reply = predict_pb2.PredictResponse()
        fill_spec(reply, request.model_spec.name, answer.signature_name, version)
        for alias, array in answer.outputs.items():
            dtype = answer.signature.outputs[alias].dtype
            reply.outputs[alias].CopyFrom(encode(array, dtype, as_content=self._as_content))
        return reply

    @answers
    def Classify(  # noqa: N802
        self, request: classification_pb2.ClassificationRequest, context: grpc.ServicerContext
    ) -> classification_pb2.ClassificationResponse:
        reply = classification_pb2.ClassificationResponse()
        with (
            self._record("Classify", request) as record,
            lease(self._models, request) as (model, version),
            record.run(),
        ):
            record.version, record.rows = version, example_count(request.input)
            name, result = self._examples.classify(
                model, request.model_spec.signature_name, request.input, remaining(context)
            )
        fill_spec(reply, request.model_spec.name, name, version)
        reply.result.CopyFrom(result)
        return reply

    @answers
    def Regress(  # noqa: N802
        self, request: regression_pb2.RegressionRequest, context: grpc.ServicerContext
    ) -> regression_pb2.RegressionResponse:
        reply = regression_pb2.RegressionResponse()
        with (
            self._record("Regress", request) as record,
            lease(self._models, request) as (model, version),
            record.run(),
        ):
            record.version, record.rows = version, example_count(request.input)
            name, result = self._examples.regress(
                model, request.model_spec.signature_name, request.input, remaining(context)
            )
        fill_spec(reply, request.model_spec.name, name, version)
        reply.result.CopyFrom(result)
        return reply

    @answers
    def MultiInference(  # noqa: N802
        self, request: inference_pb2.MultiInferenceRequest, context: grpc.ServicerContext
    ) -> inference_pb2.MultiInferenceResponse:
        if not request.tasks:
            raise invalid_argument("Inference request has no tasks.")
        reply = inference_pb2.MultiInferenceResponse()
        with (
            self._record("MultiInference", request.tasks[0]) as record,
            lease(self._models, request.tasks[0]) as (model, version),
            record.run(),
        ):
            record.version, record.rows = version, example_count(request.input)
            results = self._examples.multi_inference(model, request, remaining(context))
        for result in results:
            result.model_spec.version.value = version
            reply.results.append(result)
        return reply

    @answers
    def GetModelMetadata(  # noqa: N802
        self, request: get_model_metadata_pb2.GetModelMetadataRequest, context: grpc.ServicerContext
    ) -> get_model_metadata_pb2.GetModelMetadataResponse:
        reply = get_model_metadata_pb2.GetModelMetadataResponse()
        if not request.HasField("model_spec"):
            raise invalid_argument("Missing ModelSpec")
        check_fields(request.metadata_field)
        with lease(self._models, request) as (model, version):
            reply.metadata[SIGNATURE_DEF].Pack(signature_map(model))
        reply.model_spec.name = request.model_spec.name
        reply.model_spec.version.value = version
        return reply

    def _record(self, api: str, request: Any) -> AbstractContextManager[RequestRecord]:
        spec = request.model_spec
        return self._recorder.request("GRPC", api, spec.name, spec.signature_name)

