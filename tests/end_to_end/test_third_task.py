"""A third task is trained, exported, served and asked by what is there for any task."""

import json
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from seqapp.errors import SeqAppError
from seqapp.run_directory import load_run
from seqapp.tasks import registry as tasks
from serving.client import Client
from serving.client.transport import InputTensor
from serving.export.description import read_description
from serving.export.export_run import export_run
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.end_to_end.tagger import TaggingChapter, TaggingTask
from training.commands import application
from training.tasks import registry as chapters

pytestmark = pytest.mark.slow


def tags_of(numbers):
    """The tags by rule: what the model shall find out."""
    tags = ["first"]
    for before, number in pairwise(numbers):
        tags.append("rises" if number > before else "falls" if number < before else "level")
    return " ".join(tags[: len(numbers)])


def texts(count, seed):
    """`count` different texts of 2 to 10 digits with their tags."""
    generator, rows = random.Random(seed), {}
    while len(rows) < count:
        numbers = [generator.randrange(10) for _ in range(generator.randint(2, 10))]
        rows[" ".join(map(str, numbers))] = tags_of(numbers)
    return list(rows.items())


@pytest.fixture(scope="module", autouse=True)
def registered():
    """The task is known to both registries, and to no other test."""
    tasks.register(TaggingTask)
    chapters.register(TaggingChapter())
    yield
    tasks._TASKS.pop("tagging")
    chapters.CHAPTERS.pop("tagging")


def invoke(*arguments, **options):
    return CliRunner().invoke(application(), list(map(str, arguments)), **options)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("numbers") / "numbers.csv"
    lines = (f"{number},{text},{tags}" for number, (text, tags) in enumerate(texts(1500, seed=1)))
    path.write_text("\n".join(["id,numbers,tags", *lines, ""]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(data):
    """A run of the command that trains any task, and what it printed."""
    run = data.parent / "run"
    named = ["--words-column", "numbers", "--longest", 10, "--run", run]
    result = invoke("fit", "--task", "tagging", "--data", data, *named)
    assert result.exit_code == 0, result.output
    return run, result.output


@pytest.fixture(scope="module")
def version(trained):
    return export_run(trained[0], trained[0].parent / "models" / "tagging")


@pytest.fixture(scope="module")
def server(version):
    options = ServerOptions([ModelConfig("tagging", str(version.parent))], grpc_port=0, rest_port=0)
    with EmbeddedServer(options) as running:
        yield running


@pytest.fixture(scope="module")
def addresses(server):
    return {"grpc": server.grpc_address, "rest": f"http://{server.rest_address}"}


def test_the_trainer_trains_it(trained):
    run, output = trained
    assert "1,500 rows kept" in output
    assert "words/s" in output
    assert "held-out test  exact " in output
    assert "most frequent train" in output
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test"]["exact"] >= 0.95
    assert metrics["baseline"]["exact"] < 0.3
    assert metrics["words_per_second"] > 0
    assert (run / "history.csv").read_text().startswith("epoch,loss,tag_accuracy,")
    assert (run / "learning_curve.png").stat().st_size > 0
    assert json.loads((run / "config.json").read_text())["settings"]["words"] == 10
    assert (run / "assets" / "words.json").exists()
    assert len(load_run(run).tags) == 4


def test_the_commands_know_it(trained, data):
    run = trained[0]
    assert "--longest" in invoke("fit", "--help", env={"COLUMNS": "200"}).output
    named = invoke("run-directory", "--task", "tagging", "--data", data, "--longest", "10").output
    assert named.startswith("runs/tagging-numbers-")
    assert named.endswith("-10-words-base\n")
    scores = json.loads(invoke("evaluate", "--run", run, "--baseline").output.splitlines()[-1])
    assert scores["exact"] >= 0.95
    assert scores["baseline"]["name"] == "most frequent"
    answered = invoke("tag", "--run", run, input=b"1 2 2 1\n\n" + b"1 " * 11)
    assert answered.stdout.splitlines()[:2] == ["first rises level falls", ""]
    assert answered.stderr.startswith("note: 1 of 3 texts were longer")
    refused = invoke("fit", "--task", "tagging")
    assert isinstance(refused.exception, SeqAppError)
    assert "there is no built-in corpus for tagging" in str(refused.exception)
    again = invoke("fit", "--task", "tagging", "--data", data, "--words-column", "numbers", "--run", run)
    assert "words: 10 there, 12 now" in str(again.exception)


def test_the_export_says_what_it_is(version):
    description = read_description(version)
    assert description.task == "tagging"
    assert list(description.signatures) == ["serving_default", "certainty"]
    assert [feature.name for feature in description.features] == ["words", "tags"]


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_the_client_learns_from_the_server_what_it_is(wire, addresses):
    with Client(addresses[wire], model="tagging") as client:
        metadata = client.metadata()
    assert set(metadata) >= {"serving_default", "certainty"}
    assert {name: str(info) for name, info in metadata["certainty"].inputs.items()} == {
        "text": "string[?]",
        "temperature": "float32[?]",
    }
    assert set(metadata["serving_default"].outputs) == {"tags", "truncated"}


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_unseen_texts_are_tagged(wire, addresses):
    unseen = texts(300, seed=2)
    with Client(addresses[wire], model="tagging") as client:
        found = client.predict({"text": InputTensor("string", [text for text, _ in unseen])})
        columns = {
            "text": InputTensor("string", ["1 2 3", "9"]),
            "temperature": InputTensor("float32", [1.0, 1.0]),
        }
        # REST does not name the only output.
        (certainty,) = client.predict(columns, signature="certainty").values()
    right = sum(tags == wanted for tags, (_, wanted) in zip(found["tags"], unseen, strict=True))
    assert right / len(unseen) >= 0.95
    assert not any(found["truncated"])
    assert (np.array(certainty) > 0).sum(axis=1).tolist() == [3, 1]


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_query_asks_it(wire, addresses, capsys):
    from serving.client.query import main

    assert main(["--model", "tagging", f"--{wire}", addresses[wire], "3 3 7"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row == {"tags": "first level rises", "truncated": False}


def test_the_file_of_the_tagger_is_all_there_is():
    root = Path(__file__).parents[2]
    for package in ("seqapp", "training", "serving"):
        for path in (root / package).rglob("*.py"):
            assert "tagging" not in path.read_text(encoding="utf-8").lower(), path
