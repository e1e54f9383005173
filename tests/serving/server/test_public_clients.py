"""What docs/serving.md shows for the stock server, sent to the embedded one without a change but the port."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.classification import small_classifier
from tests.support.tasks import write_version

_DOCUMENT = (Path(__file__).parents[3] / "docs/serving.md").read_text(encoding="utf-8")
_CURL = re.findall(r"^curl .*?(?:/v1/models/\S*)$", _DOCUMENT, re.MULTILINE | re.DOTALL)
(_STUBS,) = [one for one in re.findall(r"```python\n(.*?)```", _DOCUMENT, re.DOTALL) if "_pb2_grpc" in one]
_LABEL = (
    'curl -d \'{"instances": ["a b"]}\' http://127.0.0.1:8501/v1/models/translation/labels/stable:predict'
)

OPINIONS = [("A good film.", "positive"), ("Never again!", "negative")]

pytestmark = pytest.mark.slow
with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")


@pytest.fixture(scope="module")
def server(reverser, tmp_path_factory):
    classifier = tmp_path_factory.mktemp("classification")
    write_version(small_classifier(labelled=OPINIONS), classifier / "1")
    options = ServerOptions(
        [
            ModelConfig("translation", str(reverser), labels={"stable": 1}),
            ModelConfig("classification", str(classifier)),
        ],
        grpc_port=0,
        rest_port=0,
        labels_for_unavailable=True,
    )
    with EmbeddedServer(options) as server:
        yield server


def asked(server, command):
    """The answer to a curl command, once its port is the server's."""
    line = command.replace("127.0.0.1:8501", server.rest_address).replace("curl ", "curl -sS --fail ", 1)
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout)


@with_curl
@pytest.mark.parametrize("command", _CURL, ids=lambda command: command.rpartition("/v1/models/")[2])
def test_curl_gets_what_it_asks_for(server, command):
    answer = asked(server, command)
    path = command.rpartition("/v1/models/")[2]
    if path.startswith("classification"):
        labels = set(re.findall("negative|positive", json.dumps(answer)))
        # `predict` without a signature names one label, the others all.
        assert len(labels) == (1 if '"label"' in json.dumps(answer) else 2)
    elif path.endswith(":predict"):
        found = answer["outputs"] if '"inputs"' in command else answer["predictions"]
        assert "Click" in str(found) or "log_probability" in str(found)
    elif path.endswith("/metadata"):
        assert "serving_default" in answer["metadata"]["signature_def"]["signature_def"]
    else:
        assert answer["model_version_status"][0]["state"] == "AVAILABLE"


def test_the_document_shows_every_way():
    for part in (
        "alternatives",
        "translate_with_options",
        "score",
        "classification:classify",
        "/versions/1:predict",
        "/metadata",
    ):
        assert any(part in command for command in _CURL), part


@with_curl
def test_curl_finds_a_version_by_its_label(server):
    assert asked(server, _LABEL)["predictions"][0]["translation"] == "b a"


def test_the_stock_stubs_get_an_answer(server):
    program = _STUBS.replace("127.0.0.1:8500", server.grpc_address)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.returncode) == ("document. the save to OK Click\n", 0), done.stderr


def test_the_stock_stubs_find_a_version_by_its_label(server):
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.version_label = "translation", "stable"
    request.inputs["text"].CopyFrom(tf.make_tensor_proto(["a b"]))
    with grpc.insecure_channel(server.grpc_address) as channel:
        reply = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=20)
    assert list(reply.outputs["translation"].string_val) == [b"b a"]
    assert reply.model_spec.version.value == 1
