"""From a language model to a served classifier that starts from its layers, by the commands alone."""

import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from seqapp.run_directory import load_run, read_config
from serving.client import Client
from serving.export.export_run import export_run
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.end_to_end.test_classification import BAD, GOOD, films, write
from tests.end_to_end.test_workers import close, finished
from training.commands import application

pytestmark = pytest.mark.slow
ROWS = films()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretraining")
    texts = "\n".join(text for text, _ in ROWS[:800])
    (folder / "texts.txt").write_text(texts, encoding="utf-8")
    write(folder / "films.csv", ROWS[:400])
    return folder


def invoke(*words):
    result = CliRunner().invoke(application(), ["fit", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def language_model(folder):
    run = folder / "language-model"
    named = ("--task=language-modelling", "--preset=tiny", f"--data={folder / 'texts.txt'}", f"--run={run}")
    invoke(*named, "--epochs=4")
    return run


def words(folder, run, *more):
    columns = ("--text-column=document", "--label-column=label")
    data = ("--task=classification", "--preset=tiny", f"--data={folder / 'films.csv'}", *columns)
    return [*data, f"--run={run}", *more]


def test_a_classifier_from_a_language_model_answers_over_both_ports(folder, language_model):
    run, started = folder / "classifier", f"--init-from={language_model}"
    output = invoke(*words(folder, run, started, "--set", "training.unfreeze=gradual", "linear=null"))
    assert "model.encoder.kind" in output  # printed as a change of the preset
    here, there = (read_config(one)["settings"]["model"] for one in (run, language_model))
    assert [here["encoder"][name] for name in ("cell", "units")] == [there["cell"], there["units"]]
    vocabularies = [(one / "assets/subwords.model").read_bytes() for one in (run, language_model)]
    assert vocabularies[0] == vocabularies[1]
    assert json.loads((run / "metrics.json").read_text())["test"]["accuracy"] >= 0.9
    export_run(run, folder / "models" / "classifier")
    model = ModelConfig("classifier", str(folder / "models" / "classifier"))
    with EmbeddedServer(ServerOptions([model], grpc_port=0, rest_port=0)) as server:
        for address in (server.grpc_address, f"http://{server.rest_address}"):
            with Client(address, model="classifier") as client:
                found = client.classify([text for text, _ in ROWS[800:]])
            right = sum(one.label == label for one, (_, label) in zip(found, ROWS[800:], strict=True))
            assert right / len(found) >= 0.9
            assert {one.label for one in found} == {GOOD, BAD}


def test_several_workers_unfreeze_as_one_does(folder, language_model):
    rates = ("model.encoder.dropout=0", "model.dropout=0", "model.token_dropout=0", "training.clip_norm=1000")
    settings = ("training.unfreeze=gradual", "training.layer_decay=0.5", "linear=null", *rates)
    runs = [folder / "one", folder / "two"]
    for run, count in zip(runs, (1, 2), strict=True):
        more = ("--epochs=3", f"--init-from={language_model}", f"--workers={count}")
        assignments = [f"--set={one}" for one in settings]
        finished([sys.executable, "-m", "training", "fit", *words(folder, run, *more, *assignments)])
    assert max(close(*runs)) < 1e-5
    tables = [load_run(one).model.embedding.embeddings.numpy() for one in (runs[0], language_model)]
    assert np.abs(tables[0] - tables[1]).max() > 0  # the last one to be unfrozen, in the third epoch
