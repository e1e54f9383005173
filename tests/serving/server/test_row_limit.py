"""The bound on rows: on both ports, for every method, before anything is read or run."""

import http.client
import json
import time

import grpc
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    inference_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from serving.server.embedded import EmbeddedServer
from serving.server.flags import parse_flags
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.grpc_calls import refused, request_of

REFUSED = "The request has 4 rows, more than --max_rows_per_request=3: "
INVALID = grpc.StatusCode.INVALID_ARGUMENT


@pytest.fixture(scope="module")
def bounded(echo):
    options = ServerOptions(
        [ModelConfig("echo", str(echo))],
        grpc_port=0,
        rest_port=0,
        max_rows_per_request=3,
        max_request_bytes=2000,
    )
    with EmbeddedServer(options) as server:
        yield server


@pytest.fixture(scope="module")
def strict(bounded):
    with grpc.insecure_channel(bounded.grpc_address) as channel:
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel)


def with_examples(request, count, context=b""):
    if context:
        feature = request.input.example_list_with_context.context.features.feature["c"]
        feature.bytes_list.value.append(context)
        request.input.example_list_with_context.examples.extend([tf.train.Example()] * count)
    else:
        request.input.example_list.examples.extend([tf.train.Example()] * count)
    return request


def methods(stub, count, context=b""):
    """A call and its request for every method that takes examples."""
    classify, regress = classification_pb2.ClassificationRequest(), regression_pb2.RegressionRequest()
    both = inference_pb2.MultiInferenceRequest()
    for name, request in (("classify", classify), ("regress", regress)):
        request.model_spec.name, request.model_spec.signature_name = "echo", name
    both.tasks.add(method_name="tensorflow/serving/classify").model_spec.CopyFrom(classify.model_spec)
    for call, request in ((stub.Classify, classify), (stub.Regress, regress), (stub.MultiInference, both)):
        yield call, with_examples(request, count, context)


def post(server, verb, body):
    connection = http.client.HTTPConnection(*server.rest_address.split(":"), timeout=20)
    connection.request("POST", f"/v1/models/echo:{verb}", json.dumps(body))
    reply = connection.getresponse()
    answer = reply.status, reply.read().decode()
    connection.close()
    return answer


def test_predict(strict):
    assert list(strict.Predict(request_of(x=[1.0, 2.0, 3.0])).outputs["y"].float_val) == [1.0, 2.0, 3.0]
    assert refused(strict.Predict, request_of(x=[1.0] * 4), INVALID).startswith(REFUSED)


def test_the_methods_that_take_examples(strict):
    for call, request in methods(strict, 4):
        assert refused(call, request, INVALID).startswith(REFUSED)


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("predict", {"instances": [1.0, 2.0, 3.0, 4.0]}),
        ("predict", {"inputs": [1.0, 2.0, 3.0, 4.0]}),
        ("predict", {"signature_name": "string", "instances": ["a", "b", "c", "d"]}),
        ("classify", {"signature_name": "classify", "examples": [{"x": 1.0}] * 4}),
        ("regress", {"signature_name": "regress", "examples": [{"x": 1.0}] * 4}),
    ],
)
def test_rest(bounded, verb, body):
    status, text = post(bounded, verb, body)
    assert (status, REFUSED in text) == (400, True), text


def test_a_context_counts_in_every_example(strict):
    """Hundreds of bytes in each of some examples are as much as if they had been sent so."""
    for call, request in methods(strict, 3, context=b"c" * 800):
        assert "--max_request_bytes=2000: send fewer examples" in refused(call, request, INVALID)
    for call, request in methods(strict, 1, context=b"c" * 800):
        call(request, timeout=20)


@pytest.mark.parametrize("claim", [[33_000_000], [2**62], [2**40, 0]])
def test_claims_are_refused_at_once(strict, claim):
    """48 bytes that ask for millions of rows, by raw content or by a value that is repeated."""
    for fields in ({"string_val": [b"a"]}, {"tensor_content": b"\0"}, {}):
        request = request_of(signature="string", x=["a"])
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, **fields)
        for size in claim:
            tensor.tensor_shape.dim.add().size = size
        request.inputs["x"].CopyFrom(tensor)
        begun = time.monotonic()
        assert f"has {claim[0]} rows" in refused(strict.Predict, request, INVALID)
        assert time.monotonic() - begun < 1


def test_inputs_that_no_signature_has_are_not_read(stub):
    request = request_of(signature="string")
    for number in range(5000):
        request.inputs[f"{number}"].tensor_content = b"x"
    begun = time.monotonic()
    message = refused(stub.Predict, request, INVALID)
    assert message.startswith("input size does not match signature: 5000!=1 ")
    assert time.monotonic() - begun < 1


def test_millions_of_tiny_fields_are_not_parsed(stub):
    request = request_of(signature="string")
    request.inputs["x"].string_val.extend([b""] * 1_100_000)
    assert "more than 1058576 inputs, values or examples" in refused(stub.Predict, request, INVALID)


def test_the_flag_and_its_default(echo):
    flags = ["--model_base_path=/m", "--max_rows_per_request=0"]
    assert ServerOptions.from_flags(parse_flags(flags)).max_rows_per_request == 0
    assert ServerOptions.from_flags(parse_flags(flags[:1])).max_rows_per_request == 10_000
    options = ServerOptions([ModelConfig("echo", str(echo))], grpc_port=0, max_rows_per_request=0)
    with EmbeddedServer(options) as server, grpc.insecure_channel(server.grpc_address) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        assert len(stub.Predict(request_of(x=[1.0] * 20_000)).outputs["y"].float_val) == 20_000
