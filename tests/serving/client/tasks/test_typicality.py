"""The typicality of classified texts and abstention below thresholds, over both wires."""

import io

import pytest
from rich.console import Console

from serving.client import Classification, Client, RequestRefusedError, query
from serving.client.tasks.classification_view import LABELS
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.serving.client.small_classifier import Opinions, TypicalOpinions, save

SURE, UNSURE = pytest.approx(0.8808, abs=1e-4), pytest.approx(0.8176, abs=1e-4)  # sigmoid of 2 and 1.5


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    directory = tmp_path_factory.mktemp("models")
    models = []
    for name, kind in (("typical", TypicalOpinions), ("plain", Opinions)):
        save(directory / name, kind=kind)
        models.append(ModelConfig(name, str(directory / name)))
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0)) as running:
        yield running


@pytest.fixture(params=["grpc", "rest"])
def address(request, served):
    return served.grpc_address if request.param == "grpc" else f"http://{served.rest_address}"


@pytest.fixture
def client(address):
    with Client(address, model="typical") as one:
        yield one


@pytest.fixture
def ports(served):
    return ["--grpc", served.grpc_address, "--rest", served.rest_address]


def test_each_text_has_its_own(client):
    assert client.classify(["g", "b?"]) == [
        Classification("positive", UNSURE, typicality=0.75),
        Classification("negative", SURE, typicality=0.25),
    ]
    assert [one.typicality for one in client.probabilities(["g", "b?"])] == [0.75, 0.25]
    assert [one.typicality for one in client.explain_label(["g", "b?"])] == [0.75, 0.25]


def test_below_a_threshold_there_is_no_label(client):
    def labels(**thresholds):
        return [one.label for one in client.classify(["g", "b", "b?"], **thresholds)]

    assert labels(min_typicality=0.5) == ["positive", "negative", ""]
    assert labels(min_probability=0.85) == ["", "negative", "negative"]
    assert labels(min_probability=0.85, min_typicality=0.75) == ["", "negative", ""]


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "0.5"])
def test_threshold_out_of_range(client, value):
    with pytest.raises(ValueError, match="min_typicality: expected a number from 0 to 1"):
        client.classify(["g"], min_typicality=value)


def test_export_without_it(address):
    with Client(address, model="plain") as client:
        assert client.classify(["g"], min_probability=0.5) == [Classification("positive", UNSURE)]
        with pytest.raises(RequestRefusedError, match="min_typicality: the served model has no output"):
            client.classify(["g"], min_typicality=0.5)


def test_query_prints_no_label_below_a_threshold(ports, capsys):
    command = ["--model", "typical", *ports]
    assert query.main([*command, "--min-typicality", "0.5", "g", "b?"]) == 0
    assert capsys.readouterr().out == "positive\t0.8176\n\t0.8808\n"
    assert query.main([*command, "--min-probability", "0.85", "g", "b?"]) == 0
    assert capsys.readouterr().out == "\t0.8176\nnegative\t0.8808\n"


@pytest.mark.parametrize("others", [["--alternatives"], ["--signature", "explain"]])
def test_thresholds_are_for_single_labels(ports, capsys, others):
    assert query.main(["--model", "typical", *ports, "--min-typicality", "0.5", *others, "g"]) == 1
    assert "--min-probability, --min-typicality: only for classifiers" in capsys.readouterr().err


def test_query_refuses_a_threshold_out_of_range(ports, capsys):
    with pytest.raises(SystemExit, match="2"):
        query.main(["--model", "typical", *ports, "--min-typicality", "5", "g"])
    assert "--min-typicality: expected a number from 0 to 1, got '5'" in capsys.readouterr().err


def test_people_see_it():
    screen = io.StringIO()
    console = Console(file=screen, width=60, highlight=False, markup=False)
    LABELS.draw(console, "b?", Classification("", 0.25, typicality=0.004))
    assert screen.getvalue() == "(no label)  25.0 %\ntypicality 0.004\nb?\n"
