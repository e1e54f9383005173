"""The gRPC port of a real server, asked with TensorFlow Serving's own stubs."""

import grpc
import pytest
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from serving.client import Client
from serving.client.transport import InputTensor
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.grpc_calls import refused, request_of


def empty_label():
    request = request_of()
    request.model_spec.version_label = ""
    return request


def test_predict_names_the_model_and_fills_typed_fields(stub):
    reply = stub.Predict(request_of(x=[1.0, 2.5]))
    assert list(reply.outputs["y"].float_val) == [1.0, 2.5]
    assert reply.outputs["y"].tensor_content == b""
    spec = reply.model_spec
    assert (spec.name, spec.signature_name, spec.version.value) == ("echo", "serving_default", 1)


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (predict_pb2.PredictRequest(), "INVALID_ARGUMENT", "Missing ModelSpec"),
        (request_of(""), "INVALID_ARGUMENT", "ModelSpec has no name specified."),
        (request_of("none"), "NOT_FOUND", "Servable not found for request: Latest(none)"),
        (request_of(version=5), "NOT_FOUND", "Servable not found for request: Specific(echo, 5)"),
        (request_of(label="x"), "INVALID_ARGUMENT", "Unrecognized servable version label: x"),
        (request_of("none", label="x"), "INVALID_ARGUMENT", "Unrecognized servable version label: x"),
        (request_of("none", version=5), "NOT_FOUND", "Servable not found for request: Specific(none, 5)"),
        (empty_label(), "INVALID_ARGUMENT", "Unrecognized servable version label: "),
        (request_of(signature="x"), "FAILED_PRECONDITION", 'Serving signature key "x" not found.'),
        (
            request_of(x=[1.0], z=[2.0]),
            "INVALID_ARGUMENT",
            "input size does not match signature: 2!=1 len({x,z}) != len({x})."
            " Sent extra: {z}. Missing but required: {}.",
        ),
        (
            request_of(z=[1.0]),
            "INVALID_ARGUMENT",
            "Signature input alias: x(feed name: serving_default_x:0) not found in request and no default"
            " value provided. Inputs expected to be in the request {z}, or default input alias set: ",
        ),
        (request_of(x=["text"]), "INVALID_ARGUMENT", "Expects arg[0] to be float but string is provided"),
        (
            request_of(x=[1.0], output_filter=["z"]),
            "INVALID_ARGUMENT",
            "output tensor alias not found in signature: z Outputs expected to be in the set {y}.",
        ),
        (
            request_of(x=[1.0], output_filter=["y", "y"]),
            "INVALID_ARGUMENT",
            "duplicate output tensor alias: y",
        ),
    ],
)
def test_refusals(stub, request_, code, message):
    assert refused(stub.Predict, request_, getattr(grpc.StatusCode, code)) == message


@pytest.mark.parametrize(
    ("inputs", "answer"),
    [({"ten": [2.0]}, 25.0), ({"ten": [2.0], "one": [3.0]}, 23.0)],
)
def test_defaults_of_a_signature_fill_missing_inputs(stub, inputs, answer):
    reply = stub.Predict(request_of("shared_input", "with_default", **inputs))
    assert list(reply.outputs["y"].float_val) == [answer]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            {"one": [2.0]},
            "Signature input alias: ten(feed name: ten:0) not found in request and no default value"
            " provided. Inputs expected to be in the request {one}, or default input alias set: one",
        ),
        (
            {"ten": [2.0], "two": [1.0]},
            "Inputs contains invalid name. Used request inputs: ten, request input: ten,two",
        ),
        (
            {"ten": [2.0], "one": [1.0], "two": [1.0]},
            "input size does not match signature: 3!=2 len({one,ten,two}) != len({one,ten})."
            " Sent extra: {two}. Missing but required: {}.",
        ),
    ],
)
def test_defaults_stand_for_nothing_else(stub, inputs, message):
    request = request_of("shared_input", "with_default", **inputs)
    assert refused(stub.Predict, request, grpc.StatusCode.INVALID_ARGUMENT) == message


def test_fields_of_streamed_predictions_are_passed_over(stub):
    request = request_of(x=[1.0])
    request.client_id = b"somebody"
    request.predict_streamed_options.request_state = 2
    request.request_options.SetInParent()
    assert list(stub.Predict(request).outputs["y"].float_val) == [1.0]


def test_an_unreadable_tensor(stub):
    request = request_of(x=[1.0])
    request.inputs["x"].tensor_content = b"abc"
    message = refused(stub.Predict, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert message.startswith("tensor parsing error: x")


def test_output_filter_runs_only_what_is_asked(stub):
    reply = stub.Predict(request_of(signature="pair", number=[1], word=["a"], output_filter=["word"]))
    assert list(reply.outputs) == ["word"]


def test_shapes_are_the_graph_s_business(stub):
    reply = stub.Predict(request_of("reverser", text=["a b"]))
    assert list(reply.outputs["translation"].string_val) == [b"b a"]
    message = refused(stub.Predict, request_of("reverser", text="scalar"), grpc.StatusCode.INVALID_ARGUMENT)
    assert message


def test_long_messages_are_cut(stub):
    message = refused(stub.Predict, request_of(signature="x" * 3000), grpc.StatusCode.FAILED_PRECONDITION)
    assert len(message) == 1024 + len("...TRUNCATED")
    message = refused(stub.Predict, request_of(signature="가" * 3000), grpc.StatusCode.FAILED_PRECONDITION)
    assert 1020 < len(message.encode()) - len("...TRUNCATED") <= 1024


def test_metadata(stub):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "echo"
    reply = stub.GetModelMetadata(request)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert reply.metadata["signature_def"].Unpack(signatures)
    assert signatures.signature_def["regress"].method_name == "tensorflow/serving/regress"
    assert "__saved_model_init_op" in signatures.signature_def
    code = grpc.StatusCode.INVALID_ARGUMENT
    request.metadata_field[:] = ["other"]
    assert refused(stub.GetModelMetadata, request, code) == "Metadata field other is not supported"
    request.metadata_field[:] = []
    assert "at least one metadata_field" in refused(stub.GetModelMetadata, request, code)


def test_status(channel):
    models = model_service_pb2_grpc.ModelServiceStub(channel)
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "echo"
    (entry,) = models.GetModelStatus(request).model_version_status
    assert (entry.version, entry.state, entry.status.error_code) == (1, 30, 0)
    request.model_spec.version_label = "no such label"
    assert len(models.GetModelStatus(request).model_version_status) == 1
    request.model_spec.version.value = 7
    message = refused(models.GetModelStatus, request, grpc.StatusCode.NOT_FOUND)
    assert message == "Could not find version 7 of model echo"
    request.model_spec.Clear()
    request.model_spec.name = "none"
    message = refused(models.GetModelStatus, request, grpc.StatusCode.NOT_FOUND)
    assert message == "Could not find any versions of model none"
    request.ClearField("model_spec")
    assert refused(models.GetModelStatus, request, grpc.StatusCode.INVALID_ARGUMENT) == "Missing ModelSpec"


def test_there_is_no_session_service(channel):
    call = channel.unary_unary("/tensorflow.serving.SessionService/SessionRun")
    assert refused(call, b"", grpc.StatusCode.UNIMPLEMENTED)


def test_unix_socket_raw_content_and_message_bound(echo, tmp_path):
    options = ServerOptions(
        [ModelConfig("echo", str(echo))],
        grpc_port=None,
        grpc_socket_path=str(tmp_path / "grpc.sock"),
        tensor_content=True,
        max_request_bytes=1000,
    )
    with EmbeddedServer(options), grpc.insecure_channel(f"unix:{tmp_path / 'grpc.sock'}") as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        reply = stub.Predict(request_of(x=[1.0]), timeout=20)
        assert reply.outputs["y"].tensor_content == b"\x00\x00\x80?"
        reply = stub.Predict(request_of(signature="string", x=["a", "", "가"]), timeout=20)
        assert reply.outputs["y"].tensor_content == b"\1\0\3a\xea\xb0\x80"
        assert not reply.outputs["y"].string_val
        with Client(f"unix:{tmp_path / 'grpc.sock'}", model="echo") as client:
            texts = ["a", "", "가" * 200, ""]
            assert client.predict({"x": InputTensor("string", texts)}, signature="string") == {"y": texts}
        refused(stub.Predict, request_of(x=[1.0] * 1000), grpc.StatusCode.RESOURCE_EXHAUSTED)
