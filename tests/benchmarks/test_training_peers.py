"""The comparison with JoeyNMT, which runs where the variable JOEYNMT names an interpreter that has it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.joeynmt_peer import IdBatch, joeynmt_network, joeynmt_training
from benchmarks.training_peers import networks
from seqapp.config import TranslationConfig
from seqapp.errors import DataError

BATCHES = [IdBatch(np.array([[5, 6, 2], [7, 2, 0]]), np.array([[8, 9, 3, 2], [4, 2, 0, 0]]))]


def test_recurrent_layers_of_joeynmt():
    found = joeynmt_network(TranslationConfig(model=networks(512)["recurrent, input feeding"]))
    # 512 units of both directions of ours together are 256 of each.
    assert (found["encoder"]["hidden_size"], found["decoder"]["hidden_size"]) == (256, 512)
    assert found["encoder"]["rnn_type"] == "lstm"
    assert found["decoder"]["input_feeding"] is True
    assert found["decoder"]["embeddings"]["embedding_dim"] == 512
    plain = joeynmt_network(TranslationConfig(model=networks(512)["recurrent"]))
    assert plain["decoder"]["input_feeding"] is False


def test_transformer_layers_of_joeynmt():
    found = joeynmt_network(TranslationConfig(model=networks(512)["transformer"]))
    for half in (found["encoder"], found["decoder"]):
        assert {"hidden_size": 256, "ff_size": 1024, "num_layers": 3, "num_heads": 4}.items() <= half.items()
        assert half["layer_norm"] == "pre"
        assert half["embeddings"]["embedding_dim"] == 256


@pytest.mark.parametrize("python", [sys.executable, "no/such/python"])
def test_an_interpreter_without_joeynmt(python, tmp_path):
    settings = (TranslationConfig(model=networks(8)["recurrent"]), 20, BATCHES, 1, tmp_path)
    with (
        pytest.raises(DataError, match=r"joeynmt: expected .*interpreter"),
        joeynmt_training(Path(python), *settings),
    ):
        pass


@pytest.mark.slow
@pytest.mark.skipif("JOEYNMT" not in os.environ, reason="JOEYNMT names no interpreter with JoeyNMT")
def test_command(tmp_path):
    data = tmp_path / "pairs.tsv"
    data.write_text("".join(f"{i} {i + 1} {i + 2}\t{i + 2} {i}\n" for i in range(300)), encoding="utf-8")
    options = {"--vocabulary": 300, "--width": 16, "--batch-tokens": 64, "--steps": 2, "--rounds": 2}
    command = [sys.executable, "-m", "benchmarks.training_peers", "--data", str(data)]
    command += ["--joeynmt", os.environ["JOEYNMT"], "--threads", "1"]
    command += [str(part) for option in options.items() for part in option]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found)[2:] == ["recurrent", "recurrent, input feeding", "transformer"]
    for name in list(found)[2:]:
        parameters = found[name]["parameters"]
        assert found[name]["ratio"] > 0
        assert abs(parameters["ours"] / parameters["joeynmt"] - 1) < 0.2
