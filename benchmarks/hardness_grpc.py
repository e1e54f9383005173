"""Probes of the gRPC port for `benchmarks.hardness`: each returns what the server answered, in a word."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf import wrappers_pb2
from grpc_reflection.v1alpha import reflection_pb2_grpc
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2
from tensorflow_serving.apis import (
    model_management_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from benchmarks.hardness_server import MODEL, Target

STRING, FLOAT, VARIANT = 7, 1, 21
_DEADLINE = 20.0
_PREDICT = "/tensorflow.serving.PredictionService/Predict"
_UNBOUNDED = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
_ALONE = [("grpc.use_local_subchannel_pool", 1), *_UNBOUNDED]


def outcome(call: Callable[[], Any]) -> str:
    """The status code of a call; `long error` where its message is longer than 2 KB."""
    try:
        call()
    except grpc.RpcError as error:
        code, details = error.code(), error.details() or ""
        return "long error" if len(details.encode()) > 2048 else code.name
    return "OK"


def tensor(dtype: int, sizes: list[int], **values: Any) -> tensor_pb2.TensorProto:
    """A TensorProto that claims these sizes, whatever its values."""
    shape = tensor_shape_pb2.TensorShapeProto(
        dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in sizes]
    )
    return tensor_pb2.TensorProto(dtype=dtype, tensor_shape=shape, **values)


def predict(target: Target, proto: tensor_pb2.TensorProto, model: str = MODEL, alias: str = "text") -> str:
    """One Predict with `proto` as its input."""
    request = predict_pb2.PredictRequest(inputs={alias: proto})
    request.model_spec.name = model
    with _channel(target) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        return outcome(lambda: stub.Predict(request, timeout=_DEADLINE))


def good(target: Target) -> str:
    """One good request."""
    return predict(target, tensor(STRING, [1], string_val=[b"a b"]))


def claim(target: Target, sizes: list[int], dtype: int = STRING, **values: Any) -> str:
    """A tensor whose sizes claim more than it brings."""
    return predict(target, tensor(dtype, sizes, **values))


def one_long_text(target: Target) -> str:
    return predict(target, tensor(STRING, [1], string_val=[b"word " * (1024 * 1024)]))


def too_large(target: Target) -> str:
    return predict(target, tensor(STRING, [1], string_val=[b"a" * (70 * 1024 * 1024)]))


def names_without_end(target: Target) -> str:
    """20 models that are not there, each with a name of 2 MB; the server must not keep them."""
    proto = tensor(STRING, [1], string_val=[b"a"])
    return "/".join({predict(target, proto, f"{number}" + "n" * (2 * 1024 * 1024)) for number in range(20)})


def garbage(target: Target) -> str:
    """Bytes that are no message."""
    with _channel(target) as channel:
        call = channel.unary_unary(_PREDICT)
        answers = {outcome(lambda body=body: call(body, timeout=_DEADLINE)) for body in _GARBAGE}
    return "/".join(sorted(answers))


_GARBAGE = (b"\xff" * 100, b"\x0a" * 1000, b"\x12\xff\xff\xff\x7f", b"\x0a\x02\x08" * 100, b"\x0b" * 10_000)


def junk_connections(target: Target, connections: int = 100) -> str:
    """Connections that send what is not HTTP/2, or nothing; a good request among them."""
    with contextlib.ExitStack() as stack:
        for number in range(connections):
            connection = stack.enter_context(target.grpc_socket())
            if number % 2:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n" + b"\x00" * 1000)
        return good(target)


def rapid_deadlines(target: Target, calls: int = 500) -> str:
    """Calls whose time is up at once; a good request after them."""
    request = predict_pb2.PredictRequest(inputs={"text": tensor(STRING, [100], string_val=[b"a"] * 100)})
    request.model_spec.name = MODEL
    with _channel(target) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        futures = [stub.Predict.future(request, timeout=0.001) for _ in range(calls)]
        for future in futures:
            with contextlib.suppress(grpc.RpcError):
                future.result()
    return good(target)


def cancelled(target: Target, calls: int = 100) -> str:
    """Long runs that are cancelled at once; a good request after them."""
    request = predict_pb2.PredictRequest(inputs={"steps": tensor(3, [1], int_val=[60_000])})
    request.model_spec.name, request.model_spec.signature_name = MODEL, "busy"
    with _channel(target) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        futures = [stub.Predict.future(request, timeout=_DEADLINE) for _ in range(calls)]
        time.sleep(0.1)
        for future in futures:
            future.cancel()
    return good(target)


def idle_streams(target: Target, streams: int = 100) -> str:
    """Reflection streams that send nothing; a good request while they are open."""
    ending = False

    def nothing() -> Iterator[Any]:
        while not ending:
            time.sleep(0.05)
        yield from ()

    with _channel(target) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        calls = [stub.ServerReflectionInfo(nothing()) for _ in range(streams)]
        time.sleep(0.5)
        answer = good(target)
        ending = True
        for call in calls:
            call.cancel()
    return answer


def idle_calls(target: Target, calls: int = 100) -> str:
    """Predicts that are begun and never send their message; a good request while they wait."""
    ending = False

    def nothing() -> Iterator[bytes]:
        while not ending:
            time.sleep(0.05)
        yield from ()

    with _channel(target) as channel:
        method = channel.stream_unary(_PREDICT)
        begun = [method.future(nothing()) for _ in range(calls)]
        time.sleep(0.5)
        answer = good(target)
        ending = True
        for call in begun:
            call.cancel()
    return answer


def mixed_ranks(target: Target) -> str:
    """Texts of another rank among good ones, which batching may run together."""
    proto = tensor(STRING, [1, 2], string_val=[b"a", b"b"])
    answers = {predict(target, proto) for _ in range(20)}
    return "/".join(sorted(answers))


def reloads_left_alone(target: Target, calls: int = 70) -> str:
    """Reloads that wait for a model without versions, cancelled later; a good request meanwhile and after."""
    assert target.base is not None
    empty = target.base.parent / "empty"
    empty.mkdir(exist_ok=True)
    with _channel(target) as channel:
        stub = model_service_pb2_grpc.ModelServiceStub(channel)
        waiting = _configuration({MODEL: str(target.base), "empty": str(empty)})
        futures = [stub.HandleReloadConfigRequest.future(waiting) for _ in range(calls)]
        time.sleep(1)
        meanwhile = good(target)
        for future in futures:
            future.cancel()
        after = outcome(lambda: _reload(stub, {MODEL: str(target.base)}))
    return f"{meanwhile}/{after}"


def reload_of_a_bad_path(target: Target, path: str) -> str:
    """A base path that the system refuses; then a good configuration must still be taken."""
    assert target.base is not None
    with _channel(target) as channel:
        stub = model_service_pb2_grpc.ModelServiceStub(channel)
        bad = {MODEL: str(target.base), "bad": path}
        with contextlib.suppress(grpc.RpcError):
            stub.HandleReloadConfigRequest(_configuration(bad), timeout=1)
        after = outcome(lambda: _reload(stub, {MODEL: str(target.base)}))
    return f"{after}/{good(target)}"


def _reload(stub: Any, models: dict[str, str]) -> None:
    stub.HandleReloadConfigRequest(_configuration(models), timeout=_DEADLINE)


def _configuration(models: dict[str, str]) -> model_management_pb2.ReloadConfigRequest:
    request = model_management_pb2.ReloadConfigRequest()
    for name, base in models.items():
        config = request.config.model_config_list.config.add()
        config.name, config.base_path, config.model_platform = name, base, "tensorflow"
    return request


def specific_version(target: Target, number: int) -> str:
    """A version that is not there."""
    request = predict_pb2.PredictRequest(inputs={"text": tensor(STRING, [1], string_val=[b"a"])})
    request.model_spec.name = MODEL
    request.model_spec.version.CopyFrom(wrappers_pb2.Int64Value(value=number))
    with _channel(target) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        return outcome(lambda: stub.Predict(request, timeout=_DEADLINE))


def _channel(target: Target) -> grpc.Channel:
    return grpc.insecure_channel(target.grpc, _ALONE)
