"""Options of an export have defaults: a request of one row needs its text alone, over both ports."""

import json
import urllib.error
import urllib.request

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from seqapp.errors import ExportError
from seqapp.signatures import Input, Output, Signature
from serving.client import Client, InputTensor, SearchOptions
from serving.client.generic import text_columns
from serving.export.meta_graph import read_meta_graph
from serving.export.saved_model import check_signatures, endpoint_function, input_specs
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.tasks import small_task, write_version

SIGNATURE = "translate_with_options"
FIRST = {"length_penalty": -1.0, "max_length": 0, "min_length": 0, "temperature": 0.0, "seed": 0}
LATER = {"coverage_penalty": 0.0, "no_repeat_ngram": 0, "prefix": "", "top_k": 0, "top_p": 1.0}
DEFAULTS = FIRST | LATER
TYPES = {
    "length_penalty": "float32",
    "temperature": "float32",
    "seed": "int64",
    "coverage_penalty": "float32",
    "prefix": "string",
    "top_p": "float32",
}
TEXTS = ["Save the file.", "Click OK."]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    directory = tmp_path_factory.mktemp("defaults") / "translation"
    write_version(small_task(), directory / "1")
    return directory


@pytest.fixture(scope="module")
def server(model):
    options = ServerOptions([ModelConfig("translation", str(model))], grpc_port=0, rest_port=0)
    with EmbeddedServer(options) as running:
        yield running


def columns(values, rows):
    return {name: InputTensor(TYPES.get(name, "int32"), [value] * rows) for name, value in values.items()}


def addresses(server):
    return [server.grpc_address, f"http://{server.rest_address}"]


def post(server, instances):
    """The status and JSON of a predict request to the REST port."""
    url = f"http://{server.rest_address}/v1/models/translation:predict"
    body = json.dumps({"signature_name": SIGNATURE, "instances": instances}).encode()
    try:
        with urllib.request.urlopen(url, body, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.slow
def test_the_export_carries_the_declared_defaults(model):
    found = read_meta_graph(model / "1").signature_def
    values = {name: tf.make_ndarray(tensor).tolist() for name, tensor in found[SIGNATURE].defaults.items()}
    assert values == {name: [value] for name, value in (DEFAULTS | {"prefix": b""}).items()}
    assert not any(one.defaults for name, one in found.items() if name != SIGNATURE)


@pytest.mark.slow
def test_one_row_needs_its_text_alone(server):
    text = {"text": InputTensor("string", TEXTS[:1])}
    options = columns(DEFAULTS, 1)
    for address in addresses(server):
        with Client(address, model="translation") as client:
            alone = client.predict(text, signature=SIGNATURE)
            assert alone == client.predict(text | options, signature=SIGNATURE)
            assert alone["translation"] == client.predict(text)["translation"]
    status, reply = post(server, [{"text": TEXTS[0]}])
    assert (status, reply["predictions"][0]["translation"]) == (200, alone["translation"][0])


@pytest.mark.slow
def test_several_rows_without_options_are_refused(server):
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "translation", SIGNATURE
    request.inputs["text"].CopyFrom(tf.make_tensor_proto(TEXTS))
    with grpc.insecure_channel(server.grpc_address, [("grpc.enable_http_proxy", 0)]) as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        with pytest.raises(grpc.RpcError, match="same number of rows"):
            stub.Predict(request, timeout=60)
    status, reply = post(server, [{"text": TEXTS[0]}, {"text": TEXTS[1], "seed": 1}])
    assert status == 400
    assert "keys must be equal to: seed,text" in reply["error"]


@pytest.mark.slow
def test_the_client_fills_options_for_every_row(server):
    for address in addresses(server):
        with Client(address, model="translation") as client:
            metadata = client.metadata()[SIGNATURE]
            filled = text_columns(SIGNATURE, metadata, TEXTS)
            assert {name: list(filled[name].values) for name in DEFAULTS} == {
                name: [value] * 2 for name, value in DEFAULTS.items()
            }
            found = client.predict(filled, signature=SIGNATURE)
            assert found["translation"] == [one.text for one in client.translate(TEXTS)]
            # Requests of earlier versions of a client, with the options that there were.
            for earlier in ({}, FIRST, {"seed": 0}):
                request = {"text": InputTensor("string", TEXTS), **columns(earlier, 2)}
                assert client.predict(request, signature=SIGNATURE) == found


@pytest.mark.slow
def test_the_client_sends_every_option(server):
    for address in addresses(server):
        with Client(address, model="translation") as client:
            first, second = client.translate(TEXTS, options=SearchOptions(prefix="파일을 ", max_length=20))
            assert first.text.startswith("파일을")
            assert second.text.startswith("파일을")
            prefixed = SearchOptions(prefix="뷁".encode())
            each = [SearchOptions(no_repeat_ngram=1, coverage_penalty=0.5), prefixed]
            first, second = client.translate(TEXTS, options=each)
            uncovered = SearchOptions(no_repeat_ngram=1)
            assert first.score <= client.translate(TEXTS[:1], options=uncovered)[0].score
            assert second.text.startswith("뷁")
            greedy = [SearchOptions(temperature=3.0, seed=seed, top_k=1) for seed in (1, 2)]
            one, other = client.translate(TEXTS[:1] * 2, options=greedy)
            assert one == other
            assert client.translate(TEXTS, options=SearchOptions()) == client.translate(TEXTS)


def scaled() -> Signature:
    """An option that stands before the required input, in a function of two arguments."""
    inputs = {"factor": Input("float32", "", default=0.1), "text": Input("string", "")}
    outputs = {"size": Output("float32", "B", "")}

    def scale(factor, text):
        return {"size": factor * tf.cast(tf.strings.length(text), tf.float32)}

    return Signature("serving_default", inputs, outputs, "size", function=scale)


@pytest.fixture(scope="module")
def scaled_model(tmp_path_factory):
    directory = tmp_path_factory.mktemp("scaled") / "1"
    module = tf.Module()
    module.serve = tf.function(
        endpoint_function(scaled()), input_signature=input_specs(scaled()), autograph=False
    )
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.serve})
    return directory


def test_an_option_before_a_required_input(scaled_model):
    check_signatures(scaled_model, [scaled()])
    served = tf.saved_model.load(str(scaled_model)).signatures["serving_default"]
    found = served(text=tf.constant(["abc"]), factor=tf.constant([2.0]))["size"]
    np.testing.assert_allclose(found, [6.0])


def test_other_defaults_than_declared_are_refused(scaled_model, tmp_path):
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((scaled_model / "saved_model.pb").read_bytes())
    saved.meta_graphs[0].signature_def["serving_default"].defaults["factor"].float_val[:] = [0.5]
    (tmp_path / "saved_model.pb").write_bytes(saved.SerializeToString())
    with pytest.raises(ExportError, match=r"expected defaults \{'factor': \[0\.1.*the export has .*0\.5"):
        check_signatures(tmp_path, [scaled()])
