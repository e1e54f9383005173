"""The confidence of translations, over both wires."""

import json

import pytest

from serving.client import Client, SearchOptions, Translation
from serving.client.query import main
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.serving.small_model import ConfidentWordReverser, save


@pytest.fixture(scope="module")
def confident(tmp_path_factory):
    base = tmp_path_factory.mktemp("models") / "confident"
    save(base, kind=ConfidentWordReverser)
    models = [ModelConfig("confident", str(base))]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0)) as running:
        yield running


@pytest.fixture(params=["grpc", "rest"])
def client(request, confident):
    address = confident.grpc_address if request.param == "grpc" else f"http://{confident.rest_address}"
    with Client(address, model="confident") as one:
        yield one


def test_each_translation_has_its_own(client):
    assert client.translate(["a b", "c"]) == [
        Translation("b a", -3 / 8, confidence=0.25),
        Translation("c", -1 / 8, confidence=0.75),
    ]
    assert [one.confidence for one in client.explain(["a b", "c"])] == [0.25, 0.75]


def test_of_the_alternatives_the_best_one_has_it(client):
    ((first, second),) = client.alternatives(["a b"])
    assert (first.confidence, second.confidence) == (0.25, None)


def test_signature_without_it_gives_none(client):
    (found,) = client.translate(["a b"], options=SearchOptions(seed=1))
    assert found.confidence is None


def test_query_prints_it_in_json(confident, capsys):
    ports = ["--grpc", confident.grpc_address, "--rest", confident.rest_address]
    assert main(["--model", "confident", *ports, "--signature", "serving_default", "c"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        **{"translation": "c", "score": -0.125},
        **{"truncated": False, "confidence": 0.75},
    }
