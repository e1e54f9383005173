"""Classify, Regress and MultiInference over gRPC, asked with TensorFlow Serving's own stubs."""

import grpc
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2,
    inference_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.grpc_calls import refused, request_of

REGRESS, CLASSIFY = "tensorflow/serving/regress", "tensorflow/serving/classify"


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
