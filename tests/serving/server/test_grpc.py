"""The gRPC port of a real server, asked with TensorFlow Serving's own stubs."""

import grpc
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from serving.client import Client
from serving.client.wire import Column
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions

REGRESS, CLASSIFY = "tensorflow/serving/regress", "tensorflow/serving/classify"


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(server.grpc_address) as one:
        yield one


@pytest.fixture
def stub(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


def request_of(name="echo", signature="", version=None, label="", output_filter=(), **inputs):
    request = predict_pb2.PredictRequest(output_filter=output_filter)
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    if version is not None:
        request.model_spec.version.value = version
    if label:
        request.model_spec.version_label = label
    for alias, value in inputs.items():
        request.inputs[alias].CopyFrom(tf.make_tensor_proto(value))
    return request


def empty_label():
    request = request_of()
    request.model_spec.version_label = ""
    return request


def refused(call, request, code):
    with pytest.raises(grpc.RpcError) as caught:
        call(request, timeout=20)
    assert caught.value.code() is code
    return caught.value.details()


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


def example(**floats):
    one = tf.train.Example()
    for name, value in floats.items():
        one.features.feature[name].float_list.value.append(value)
    return one


def test_regress(stub):
    request = regression_pb2.RegressionRequest()
    request.model_spec.name, request.model_spec.signature_name = "echo", "regress"
    request.input.example_list.examples.extend([example(x=1.0), example(x=4.0)])
    reply = stub.Regress(request)
    assert [entry.value for entry in reply.result.regressions] == [2.0, 8.0]
    assert reply.model_spec.signature_name == "regress"


def test_a_context_belongs_to_every_example(stub):
    request = regression_pb2.RegressionRequest()
    request.model_spec.name, request.model_spec.signature_name = "echo", "regress"
    request.input.example_list_with_context.context.CopyFrom(example(x=3.0))
    request.input.example_list_with_context.examples.extend([tf.train.Example(), example(x=1.0)])
    assert [entry.value for entry in stub.Regress(request).result.regressions] == [6.0, 2.0]


def test_classify(stub):
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name, request.model_spec.signature_name = "echo", "classify"
    request.input.example_list.examples.append(example(x=1.0))
    (entry,) = stub.Classify(request).result.classifications
    assert [one.label for one in entry.classes] == ["short", "long"]


def test_classify_refusals(stub):
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name = "echo"
    code = grpc.StatusCode.INVALID_ARGUMENT
    assert "No classification inputs found" in refused(stub.Classify, request, code)
    request.model_spec.signature_name = "classify"
    assert refused(stub.Classify, request, code) == "Input is empty."
    request.model_spec.signature_name = "none"
    assert refused(stub.Classify, request, code) == "No signature was found with the name: none"


def classify(stub, signature, *examples):
    request = classification_pb2.ClassificationRequest()
    request.model_spec.name, request.model_spec.signature_name = "shared_input", signature
    request.input.example_list.examples.extend(examples or [example(x=2.0), example(x=3.0)])
    return stub.Classify, request


def regress(stub, signature):
    request = regression_pb2.RegressionRequest()
    request.model_spec.name, request.model_spec.signature_name = "shared_input", signature
    request.input.example_list.examples.extend([example(x=2.0), example(x=3.0)])
    return stub.Regress, request


@pytest.mark.parametrize(
    ("signature", "labels", "scores"),
    [
        ("classify", ["positive"] * 2, [2.0, 3.0]),
        ("", ["positive"] * 2, [0.0, 0.0]),
        ("scores_only", ["", ""], [2.0, 3.0]),
        ("scores_and_more", ["", ""], [2.0, 3.0]),
    ],
)
def test_classes_scores_or_both(stub, signature, labels, scores):
    call, request = classify(stub, signature)
    reply = call(request)
    entries = [one for entry in reply.result.classifications for one in entry.classes]
    assert ([one.label for one in entries], [one.score for one in entries]) == (labels, scores)
    assert reply.model_spec.signature_name == (signature or "serving_default")


def test_regressions_are_a_number_a_row(stub):
    call, request = regress(stub, "regress_flat")
    assert [entry.value for entry in call(request).result.regressions] == [2.0, 3.0]


NEITHER = 'Expected classification signature outputs to contain at least one of "classes" or "scores". '


@pytest.mark.parametrize(
    ("method", "signature", "message"),
    [
        (classify, "neither", NEITHER),
        (classify, "three_outputs", "Expected one or two output Tensors, found 3"),
        (classify, "flat_scores", "Expected Tensor shape: [batch_size num_classes] but got [2]"),
        (classify, "short_scores", "Expected scores output batch size of 2. Got: 1"),
        (classify, "string_scores", "Expected scores Tensor of DT_FLOAT. Got: DT_STRING"),
        (classify, "number_classes", "Expected classes Tensor of DT_STRING. Got: DT_FLOAT"),
        (classify, "wide_scores", "Tensors class and score should match in dim_size(1). Got 1 vs. 2"),
        (classify, "other_input", "No classification inputs found in SignatureDef: "),
        (classify, "two_inputs", "Expected one input Tensor."),
        (classify, "number_inputs", "Expects arg[0] to be float but string is provided"),
        (classify, "regress", NEITHER),
        (regress, "none", "No signature was found with the name: none"),
        (regress, "classify", "Expected one output Tensor."),
        (regress, "scores_only", "No regression outputs found in SignatureDef: "),
        (regress, "regress_other_output", "No regression outputs found in SignatureDef: "),
        (
            regress,
            "regress_wide",
            "Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,2]",
        ),
        (regress, "regress_short", "Input batch size did not match output batch size: 2 vs. 1"),
        (regress, "regress_integers", "Expected output Tensor of DT_FLOAT.  Got: DT_INT32"),
    ],
)
def test_signatures_that_neither_classify_nor_regress(stub, method, signature, message):
    call, request = method(stub, signature)
    assert refused(call, request, grpc.StatusCode.INVALID_ARGUMENT).startswith(message)


def test_method_names_are_checked_only_where_told(stub, echo):
    request = regression_pb2.RegressionRequest()
    request.model_spec.name, request.model_spec.signature_name = "echo", "classify"
    request.input.example_list.examples.append(example(x=1.0))
    code = grpc.StatusCode.INVALID_ARGUMENT
    assert refused(stub.Regress, request, code) == "Expected one output Tensor."
    assert len(stub.Predict(request_of(signature="classify", inputs=[b""])).outputs) == 2
    init_op = request_of(signature="__saved_model_init_op")
    tasks = inference_pb2.MultiInferenceRequest(tasks=[task("classify", REGRESS)])
    told = f"Expected regression signature method_name to be {REGRESS}. Was: {CLASSIFY}"
    options = ServerOptions([ModelConfig("echo", str(echo))], grpc_port=0, check_method_names=True)
    with EmbeddedServer(options) as strict, grpc.insecure_channel(strict.grpc_address) as channel:
        strictly = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        assert refused(strictly.Regress, request, code) == told
        assert refused(strictly.MultiInference, tasks, code) == told
        assert len(strictly.Predict(request_of(signature="classify", inputs=[b""])).outputs) == 2
        assert refused(strictly.Predict, init_op, grpc.StatusCode.INTERNAL) == (
            "Expected prediction signature method_name to be one of {tensorflow/serving/predict,"
            f" {CLASSIFY}, {REGRESS}}}. Was: "
        )


def task(signature, method, name="echo"):
    one = inference_pb2.InferenceTask(method_name=method)
    one.model_spec.name, one.model_spec.signature_name = name, signature
    return one


def test_multi_inference(stub):
    request = inference_pb2.MultiInferenceRequest()
    request.input.example_list.examples.append(example(x=2.0))
    request.tasks.extend(
        [task("regress", REGRESS, "shared_input"), task("classify", CLASSIFY, "shared_input")]
    )
    first, second = stub.MultiInference(request).results
    assert first.regression_result.regressions[0].value == 4.0
    (positive,) = second.classification_result.classifications[0].classes
    assert (positive.label, positive.score) == ("positive", 2.0)
    assert first.model_spec.version.value == 1


def test_multi_inference_feeds_the_examples_to_the_input_tensors_of_all_signatures(stub):
    """`echo` has an input tensor a signature: one run of the graph takes both."""
    request = inference_pb2.MultiInferenceRequest()
    request.input.example_list_with_context.context.CopyFrom(example(x=3.0))
    request.input.example_list_with_context.examples.extend([tf.train.Example(), example(x=1.0)])
    request.tasks.extend([task("regress", REGRESS), task("classify", CLASSIFY)])
    first, second = stub.MultiInference(request).results
    assert [entry.value for entry in first.regression_result.regressions] == [6.0, 2.0]
    length = len(example(x=3.0).SerializeToString())
    scores = [entry.classes[1].score for entry in second.classification_result.classifications]
    assert scores == [length, 2 * length]
    assert [one.model_spec.signature_name for one in (first, second)] == ["regress", "classify"]


def test_multi_inference_takes_the_version_of_the_first_task(stub):
    request = inference_pb2.MultiInferenceRequest()
    request.input.example_list.examples.append(example(x=2.0))
    request.tasks.extend([task("regress", REGRESS), task("classify", CLASSIFY)])
    request.tasks[1].model_spec.version.value = 7
    assert {one.model_spec.version.value for one in stub.MultiInference(request).results} == {1}
    request.tasks[0].model_spec.version.value = 7
    message = refused(stub.MultiInference, request, grpc.StatusCode.NOT_FOUND)
    assert message == "Servable not found for request: Specific(echo, 7)"


@pytest.mark.parametrize(
    ("tasks", "code", "message"),
    [
        ([], "INVALID_ARGUMENT", "Inference request has no tasks."),
        (
            [task("regress", REGRESS), task("classify", CLASSIFY, "x")],
            "INVALID_ARGUMENT",
            "All ModelSpecs in a MultiInferenceRequest must access the same model name.",
        ),
        (
            [task("regress", REGRESS), task("classify", CLASSIFY, "")],
            "INVALID_ARGUMENT",
            "Found ModelSpec with an empty model name.",
        ),
        ([task("regress", REGRESS)] * 2, "INVALID_ARGUMENT", "Duplicate evaluation of signature: regress"),
        ([task("none", REGRESS)], "INVALID_ARGUMENT", "Requested signature not found in model graph: none"),
        ([task("regress", "other")], "UNIMPLEMENTED", "Unsupported signature method_name: other"),
        ([task("regress", REGRESS), task("classify", CLASSIFY)], "INVALID_ARGUMENT", "Input is empty."),
    ],
)
def test_multi_inference_refusals(stub, tasks, code, message):
    request = inference_pb2.MultiInferenceRequest(tasks=tasks)
    assert refused(stub.MultiInference, request, getattr(grpc.StatusCode, code)) == message


def test_the_empty_signature_name_is_serving_default_to_multi_inference(stub):
    tasks = [task("", CLASSIFY, "shared_input"), task("serving_default", CLASSIFY, "shared_input")]
    request = inference_pb2.MultiInferenceRequest(tasks=tasks)
    message = refused(stub.MultiInference, request, grpc.StatusCode.INVALID_ARGUMENT)
    assert message == "Duplicate evaluation of signature: serving_default"


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
            assert client.predict({"x": Column("string", texts)}, signature="string") == {"y": texts}
        refused(stub.Predict, request_of(x=[1.0] * 1000), grpc.StatusCode.RESOURCE_EXHAUSTED)
