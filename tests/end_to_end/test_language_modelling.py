"""Language models from a text file to the replies of a server: a network, and an n-gram model."""

import json
import math
import random
import re

import numpy as np
import pytest
from typer.testing import CliRunner

from seqapp.errors import ConfigError
from serving.client import Client, CompletionOptions, RequestRefusedError
from serving.client.query import main as query
from serving.export.export_run import export_run
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from training.commands import application

pytestmark = pytest.mark.slow
KINDS = ("tiny", "ngram")
WIRES = ("grpc", "rest")


def sentences(count, seed):
    """Texts of a small grammar, in two languages."""
    generator = random.Random(seed)
    found = {}
    while len(found) < count:
        number = generator.randrange(100)
        thing = generator.choice(["file", "table", "document", "page"])
        korean = {"file": "파일", "table": "표", "document": "문서", "page": "쪽"}[thing]
        found[f"Open the {thing} number {number} to save it."] = None
        found[f"{korean} {number}번을 저장하려면 확인을 클릭합니다."] = None
    return list(found)[:count]


def invoke(*arguments, **options):
    return CliRunner().invoke(application(), list(map(str, arguments)), **options)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    path.write_text("\n".join(["", *sentences(700, seed=1), ""]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def runs(data):
    """A run of each kind, and what the command printed."""
    found = {}
    for preset in KINDS:
        run = data.parent / preset
        settings = ["--set", "training.epochs=12"] if preset == "tiny" else []
        named = ["--task", "language-modelling", "--preset", preset, "--data", data, "--run", run]
        result = invoke("fit", *named, *settings)
        assert result.exit_code == 0, result.output
        found[preset] = (run, result.output)
    return found


@pytest.fixture(scope="module")
def server(runs):
    models = []
    for preset, (run, _) in runs.items():
        export_run(run, run.parent / "models" / preset)
        models.append(ModelConfig(preset, str(run.parent / "models" / preset)))
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0)) as running:
        yield running


@pytest.fixture(scope="module")
def addresses(server):
    return {"grpc": server.grpc_address, "rest": f"http://{server.rest_address}"}


@pytest.mark.parametrize("preset", KINDS)
def test_training_writes_a_complete_run(runs, preset):
    run, output = runs[preset]
    assert "plain text, one text per line" in output
    assert "held-out test  bits per byte " in output
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["test"]["bits_per_byte"] < 0.7
    assert metrics["test"]["perplexity"] > 1
    assert (run / "history.csv").exists() == (preset == "tiny")
    assert ("best_epoch" in metrics) == (preset == "tiny")
    assert metrics["baseline"]["name"] == {"tiny": "5-gram", "ngram": "1-gram"}[preset]
    if preset == "ngram":
        assert metrics["parameters"] == 0
        assert metrics["baseline"]["bits_per_byte"] > metrics["test"]["bits_per_byte"]


@pytest.mark.parametrize("preset", KINDS)
def test_the_commands_know_it(runs, data, preset):
    run, _ = runs[preset]
    scores = json.loads(invoke("evaluate", "--run", run, "--baseline").output.splitlines()[-1])
    before = json.loads((run / "metrics.json").read_text())["test"]["bits_per_byte"]
    assert scores["bits_per_byte"] == before
    answered = invoke("complete", "--run", run, input="Open the\n\n파일\n".encode())
    assert answered.exit_code == 0
    assert len(answered.stdout.splitlines()) == 3
    again = ["--task", "language-modelling", "--preset", preset, "--data", data, "--run", run]
    changed = ["--set", "training.epochs=12"] if preset == "tiny" else []
    assert "is already trained" in invoke("fit", *again, *changed).output


def test_runs_are_listed_with_the_fewest_bits_first(runs):
    folder = next(iter(runs.values()))[0].parent
    listed = [json.loads(line) for line in invoke("runs", folder, "--json").output.splitlines()]
    bits = [one["score"]["value"] for one in listed]
    assert len(listed) == len(KINDS)
    assert bits == sorted(bits)
    assert [line.split()[0] for line in invoke("runs", folder).output.splitlines()[1:]] == [
        one["run"].rpartition("/")[2] for one in listed
    ]


@pytest.mark.parametrize("preset", KINDS)
@pytest.mark.parametrize("wire", WIRES)
def test_the_client_asks_it(addresses, wire, preset):
    with Client(addresses[wire], model=preset) as client:
        greedy, empty = client.complete(["Open the", ""])
        (same,) = client.complete(["Open the"], options=CompletionOptions())
        options = [CompletionOptions(temperature=1.0, seed=seed, top_k=3) for seed in (1, 1, 2)]
        one, other, _ = client.complete(["Open"] * 3, options=options)
        scored, korean = client.score_texts(["Open the file number 3 to save it.", "파일을"])
        (following,) = client.next_tokens(["Open the"])
    # The limit of tokens may cut the last words.
    assert re.match(r" (file|table|document|page) number \d+ to save", greedy.text)
    assert greedy.text == same.text
    assert empty.text
    assert not greedy.truncated
    assert one == other
    text = b"Open the file number 3 to save it."
    assert b"".join(text[token.begin : token.end] for token in scored.tokens) == text
    assert math.isclose(
        scored.log_probability, sum(token.log_probability for token in scored.tokens), rel_tol=1e-4
    )
    assert math.isclose(scored.bits_per_byte, -scored.log_probability / math.log(2) / len(text), rel_tol=1e-4)
    assert scored.bits_per_byte < korean.bits_per_byte
    assert sum(one.probability for one in following) <= 1 + 1e-5
    probabilities = [one.probability for one in following]
    assert probabilities == sorted(probabilities, reverse=True)


@pytest.mark.parametrize("wire", WIRES)
def test_context_vectors_of_a_network_only(addresses, wire):
    with Client(addresses[wire], model="tiny") as client:
        vectors = client.embed(["Open the file.", "파일"])
    assert np.array(vectors).shape == (2, 64)
    with Client(addresses[wire], model="ngram") as client, pytest.raises(RequestRefusedError):
        client.embed(["Open the file."])


@pytest.mark.parametrize("preset", KINDS)
def test_a_prompt_of_cut_bytes(addresses, preset):
    """gRPC carries any bytes; the syllable 저 is cut after its second byte."""
    prompt = "파일 3번을 저".encode()[:-1]
    with Client(addresses["grpc"], model=preset) as client:
        (found,) = client.complete([prompt])
    assert found.text.startswith("저장하려면")


def test_options_out_of_range_are_refused_by_the_client():
    with pytest.raises(ConfigError, match="repetition_penalty: expected a number from 1 to 10, got 11"):
        CompletionOptions(repetition_penalty=11)


@pytest.mark.parametrize("preset", KINDS)
def test_query_shows_completions_and_next_tokens(server, preset, capsys):
    ports = ["--grpc", server.grpc_address, "--rest", server.rest_address]
    assert query(["--model", preset, *ports, "Open the"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert query(["--model", preset, *ports, "--alternatives", "Open the"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 10


def test_other_rows_are_refused(tmp_path):
    one = tmp_path / "one.txt"
    one.write_text("The same line.\n" * 5)
    refused = invoke("fit", "--task", "language-modelling", "--data", one, "--run", tmp_path / "run")
    assert "1 distinct texts are left for training; at least 3 are needed" in str(refused.exception)
    (tmp_path / "empty.txt").write_text("\n\n")
    refused = invoke("fit", "--task", "language-modelling", "--data", tmp_path / "empty.txt")
    assert "no usable row among 2 (2 empty line)" in str(refused.exception)
