"""gRPC calls that wait: for their message, for a model, for nothing. Those who want an answer get one."""

import threading
import time
from contextlib import contextmanager

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)

from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.grpc_calls import refused, request_of

MANY = 200  # more than any pool has threads


@pytest.fixture(scope="module")
def small(reverser):
    """A server that answers two predictions at a time."""
    models = [ModelConfig("reverser", str(reverser))]
    options = ServerOptions(models, grpc_port=0, grpc_threads=2, health=True, drain_seconds=1)
    with EmbeddedServer(options) as server:
        yield server


@pytest.fixture(scope="module")
def channel(small):
    with grpc.insecure_channel(small.grpc_address) as one:
        yield one


def ask_everything(channel, timeout=15.0):
    """One call of each kind of method; raises grpc.RpcError for one that is not answered in time."""
    predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    reply = predictions.Predict(request_of("reverser", text=["a b"]), timeout=timeout)
    assert list(reply.outputs["translation"].string_val) == [b"b a"]
    look_around(channel, timeout)


def look_around(channel, timeout=15.0):
    status, metadata = (
        get_model_status_pb2.GetModelStatusRequest(),
        get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"]),
    )
    status.model_spec.name = metadata.model_spec.name = "reverser"
    models = model_service_pb2_grpc.ModelServiceStub(channel)
    assert models.GetModelStatus(status, timeout=timeout).model_version_status
    predictions = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    assert predictions.GetModelMetadata(metadata, timeout=timeout).metadata
    health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=timeout)
    reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    assert list(reflection.ServerReflectionInfo(asked, timeout=timeout))


@contextmanager
def silent_requests():
    """Iterators that yield nothing until the block ends."""
    ending = threading.Event()

    def silent():
        ending.wait(60)
        yield from ()

    try:
        yield silent
    finally:
        ending.set()


@pytest.mark.parametrize(
    "method",
    [
        "/tensorflow.serving.PredictionService/Predict",
        "/tensorflow.serving.PredictionService/GetModelMetadata",
        "/tensorflow.serving.ModelService/GetModelStatus",
        "/tensorflow.serving.ModelService/HandleReloadConfigRequest",
        "/grpc.health.v1.Health/Check",
    ],
)
def test_calls_without_a_message_take_no_thread_from_others(small, channel, method):
    with silent_requests() as silent, grpc.insecure_channel(small.grpc_address) as other:
        call = other.stream_unary(method, request_serializer=bytes)
        begun = [call.future(silent()) for _ in range(MANY)]
        ask_everything(channel)
        for one in begun:
            one.cancel()
    ask_everything(channel)


def test_idle_reflection_streams_take_no_thread_from_others(small, channel):
    with silent_requests() as silent, grpc.insecure_channel(small.grpc_address) as other:
        stub = reflection_pb2_grpc.ServerReflectionStub(other)
        begun = [stub.ServerReflectionInfo(silent()) for _ in range(MANY)]
        ask_everything(channel)
        for one in begun:
            one.cancel()
    ask_everything(channel)


def test_watches_of_health_take_no_thread_from_others(small, channel):
    with grpc.insecure_channel(small.grpc_address) as other:
        stub = health_pb2_grpc.HealthStub(other)
        begun = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(MANY)]
        assert next(begun[-1]).status == health_pb2.HealthCheckResponse.SERVING
        ask_everything(channel)
        for one in begun:
            one.cancel()


def test_watches_are_bounded_and_keep_no_names_of_clients(small, channel, monkeypatch):
    no_watch_is_open(small)
    monkeypatch.setattr("serving.server.rpc.health._MOST_WATCHES", 20)
    with grpc.insecure_channel(small.grpc_address) as other:
        stub = health_pb2_grpc.HealthStub(other)
        begun = [stub.Watch(health_pb2.HealthCheckRequest(service=f"s{n}")) for n in range(20)]
        assert {next(one).status for one in begun} == {health_pb2.HealthCheckResponse.SERVICE_UNKNOWN}
        with pytest.raises(grpc.RpcError) as caught:
            next(stub.Watch(health_pb2.HealthCheckRequest()))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(small._health._servicer._send_response_callbacks) <= 4
        for one in begun:
            one.cancel()
    no_watch_is_open(small)
    assert next(health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())).status == 1


def no_watch_is_open(server):
    """Waits until the server has seen that the clients of earlier tests left."""
    end = time.monotonic() + 10
    while server._health._servicer._watches:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_predictions_in_work_do_not_keep_status_and_health_waiting(small, channel):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    request = request_of("reverser", "busy")
    request.inputs["steps"].dtype = 3
    request.inputs["steps"].tensor_shape.dim.add().size = 1
    request.inputs["steps"].int_val.append(2**31 - 1)
    slow = [stub.Predict.future(request, timeout=1.5) for _ in range(6)]
    time.sleep(0.3)
    look_around(channel, timeout=1)
    for one in slow:
        assert one.exception().code() is grpc.StatusCode.DEADLINE_EXCEEDED
    ask_everything(channel)


def test_an_empty_stream_and_garbage_are_told(channel):
    method = "/tensorflow.serving.PredictionService/Predict"
    call = channel.stream_unary(method, request_serializer=bytes)
    message = refused(call, iter([]), grpc.StatusCode.UNIMPLEMENTED)
    assert message == "The method requires exactly one request message."
    call = channel.unary_unary(method)
    assert refused(call, b"\xff\xff", grpc.StatusCode.INTERNAL) == "Exception deserializing request!"
    assert refused(call, b"", grpc.StatusCode.INVALID_ARGUMENT) == "Missing ModelSpec"
