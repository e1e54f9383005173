"""Clients that mean no good, or do not know better: fuzzed requests, slow senders, lost ones."""

import http.client
import json
import socket
import threading
import time

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.client import Client, ClientError, DeadlineError
from serving.client.operations import RetryPolicy
from serving.client.transport import InputTensor
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from serving.server.rest.handler import RestHandler

_LONG = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
_STATUSES = {200, 400, 404, 500, 501, 503, 504}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=4), v, max_size=3),
    max_leaves=8,
)
_request = st.fixed_dictionaries(
    {},
    optional={
        "signature_name": st.sampled_from(["", "pair", "string", "int32", "classify"]) | _json,
        "instances": st.lists(_json, max_size=3) | _json,
        "inputs": st.dictionaries(st.sampled_from(["x", "number", "word"]), _json, max_size=3) | _json,
        "examples": st.lists(st.dictionaries(st.text(max_size=3), _json, max_size=2), max_size=3) | _json,
        "context": _json,
    },
)


@pytest.fixture
def handler(server):
    return RestHandler(server.models)


@_LONG
@given(_request, st.sampled_from(["predict", "classify", "regress"]))
def test_any_json_gets_an_answer(handler, request_, verb):
    body = json.dumps(request_).encode("utf-8", "surrogatepass")
    reply = handler.handle("POST", f"/v1/models/echo:{verb}", {}, body)
    assert reply.status in _STATUSES - {500}
    if reply.status != 200:
        assert json.loads(reply.body.decode("utf-8", "replace"), strict=False)["error"]


@_LONG
@given(st.sampled_from(["GET", "POST", "PUT", "OPTIONS"]), st.text(max_size=30), st.binary(max_size=50))
def test_any_path_and_body_get_an_answer(handler, method, path, body):
    for target in (path, f"/v1/{path}", f"/v1/models/{path}"):
        reply = handler.handle(
            method, target, {"content-encoding": "gzip" if body[:1] == b"\1" else ""}, body
        )
        assert reply.status in _STATUSES - {500}


@_LONG
@given(st.binary(max_size=80), st.sampled_from(["Predict", "Classify", "Regress", "MultiInference"]))
def test_any_bytes_over_grpc_get_a_status(server, body, method):
    with grpc.insecure_channel(server.grpc_address) as channel:
        call = channel.unary_unary(f"/tensorflow.serving.PredictionService/{method}")
        with pytest.raises(grpc.RpcError) as caught:
            call(body, timeout=20)
        assert caught.value.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
    with Client(server.grpc_address, model="reverser") as client:
        assert client.translate(["a b"])[0].text == "b a"


def test_silent_and_slow_clients_hold_up_nobody(server):
    idle = []
    try:
        for address in (server.grpc_address, server.rest_address):
            host, port = address.split(":")
            idle += [socket.create_connection((host, int(port))) for _ in range(80)]
        for number, connection in enumerate(idle[80:]):
            if number % 2:
                connection.sendall(
                    b"POST /v1/models/echo:predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
                )
        # More than there are threads, and they stay for as long as this takes.
        for address in (server.grpc_address, f"http://{server.rest_address}"):
            with Client(address, model="reverser", timeout=20, retries=RetryPolicy(attempts=1)) as client:
                assert client.translate(["a b"])[0].text == "b a"
    finally:
        for connection in idle:
            connection.close()


def test_slow_requests_do_not_block_quick_ones(server):
    def be_slow():
        with Client(server.grpc_address, model="reverser") as client:
            client.predict({"steps": InputTensor("int32", [60_000])}, signature="busy")

    slow = [threading.Thread(target=be_slow) for _ in range(4)]
    for thread in slow:
        thread.start()
    time.sleep(0.05)
    with Client(f"http://{server.rest_address}", model="reverser") as client:
        assert client.translate(["a b"], timeout=20)[0].text == "b a"
    for thread in slow:
        thread.join()


def test_a_run_that_takes_too_long_is_ended_over_rest(reverser):
    options = ServerOptions([ModelConfig("m", str(reverser))], grpc_port=0, rest_port=0, rest_timeout_s=0.2)
    with EmbeddedServer(options) as server:
        host, port = server.rest_address.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        body = json.dumps({"signature_name": "busy", "inputs": [2**31 - 1]})
        connection.request("POST", "/v1/models/m:predict", body)
        reply = connection.getresponse()
        assert reply.status == 504
        assert json.loads(reply.read())["error"]
        connection.close()


def test_the_client_s_deadline_ends_the_run_over_grpc(reverser):
    options = ServerOptions([ModelConfig("m", str(reverser))], grpc_port=0)
    with EmbeddedServer(options) as server, Client(server.grpc_address, model="m", timeout=0.5) as client:
        with pytest.raises(DeadlineError):
            client.predict({"steps": InputTensor("int32", [2**31 - 1])}, signature="busy")
        # The request is over in the server as well, minutes before such a run would be.
        end = time.monotonic() + 30
        while not server.metrics.requests.counts():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert list(server.metrics.requests.counts()) == [("m", "DEADLINE_EXCEEDED")]


def test_a_client_that_leaves_in_the_middle_costs_nothing(server):
    host, port = server.rest_address.split(":")
    for _ in range(10):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"POST /v1/models/echo:predict HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{")
    with Client(f"http://{server.rest_address}", model="reverser") as client:
        assert client.translate(["a b"])[0].text == "b a"


@pytest.mark.parametrize("port", ["grpc", "rest"])
def test_a_run_without_end_does_not_hold_the_server_s_end_up(reverser, port):
    options = ServerOptions(
        [ModelConfig("m", str(reverser))], grpc_port=0, rest_port=0, rest_timeout_s=60, drain_seconds=1
    )
    server = EmbeddedServer(options)
    server.start(timeout=20)
    address = server.grpc_address if port == "grpc" else f"http://{server.rest_address}"
    outcome: list[BaseException] = []

    def never_answered():
        with Client(address, model="m", timeout=60, retries=RetryPolicy(attempts=1)) as client:
            try:
                client.predict({"steps": InputTensor("int32", [2**31 - 1])}, signature="busy")
            except ClientError as error:
                outcome.append(error)

    asking = threading.Thread(target=never_answered)
    asking.start()
    time.sleep(0.3)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    stopping.join(30)
    assert not stopping.is_alive()
    asking.join(30)
    assert len(outcome) == 1


_tensor = st.builds(
    lambda dtype, dims, floats, ints, strings, content: tensor_pb2.TensorProto(
        dtype=dtype,
        tensor_shape=tensor_shape_pb2.TensorShapeProto(
            dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in dims]
        ),
        float_val=floats,
        int_val=ints,
        string_val=strings,
        tensor_content=content,
    ),
    st.sampled_from([0, 1, 2, 3, 7, 9, 10, 14, 18, 20, 21, 99]),
    st.lists(st.sampled_from([0, 1, 2, 3, -1, 2**8, 2**40, 2**62]), max_size=4),
    st.lists(st.floats(width=32), max_size=3),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3),
    st.lists(st.binary(max_size=5), max_size=3),
    st.binary(max_size=12),
)


@_LONG
@given(
    st.dictionaries(st.sampled_from(["x", "number", "word", "inputs", "text"]), _tensor, max_size=2),
    st.sampled_from(["", "string", "int32", "half", "pair", "classify", "scalar"]),
    st.lists(st.sampled_from(["y", "word", "z"]), max_size=2),
)
def test_any_tensors_over_grpc_get_an_answer_or_are_refused(server, inputs, signature, output_filter):
    request = predict_pb2.PredictRequest(inputs=inputs, output_filter=output_filter)
    request.model_spec.name, request.model_spec.signature_name = "echo", signature
    with grpc.insecure_channel(server.grpc_address, [("grpc.max_receive_message_length", -1)]) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        try:
            stub.Predict(request, timeout=20)
        except grpc.RpcError as error:
            refused = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION}
            if error.code() not in refused:
                pytest.fail(f"{error.code()}: {error.details()}")
