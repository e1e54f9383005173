"""The user's own pairs, from a file to both served ports: digits reversed."""

import random
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from serving.client import Client
from serving.client.transport import InputTensor
from tests.serving.conftest import ServerProcess

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SECONDS = 900


def digits(count, seed=1):
    """`count` different rows of 3 to 8 digits with blanks between them, and their reversals."""
    generator, rows = random.Random(seed), {}
    while len(rows) < count:
        row = [str(generator.randrange(10)) for _ in range(generator.randint(3, 8))]
        rows[" ".join(row)] = " ".join(reversed(row))
    return list(rows.items())


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def command(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def rows():
    return digits(2700)


@pytest.fixture(scope="module")
def ports(rows, tmp_path_factory):
    """A served model, trained on the first 2,500 rows; its gRPC and REST addresses."""
    folder = tmp_path_factory.mktemp("digits")
    (folder / "digits.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in rows[:2500]), encoding="utf-8")
    output = command(
        "training", "fit", "--data", folder / "digits.tsv", "--preset", "tiny", "--run", folder / "run"
    )
    assert "2,500 pairs kept" in output
    version = command("serving", "export", "--run", folder / "run", "--model", folder / "models" / "digits")
    assert version.splitlines()[-1] == str(folder / "models" / "digits" / "1")
    ports = free_ports(2)
    server = ServerProcess(
        "--model_name=digits",
        f"--model_base_path={folder / 'models' / 'digits'}",
        f"--port={ports[0]}",
        f"--rest_api_port={ports[1]}",
    )
    server.wait_for("Exporting HTTP/REST API")
    yield {"grpc": f"127.0.0.1:{ports[0]}", "rest": f"http://127.0.0.1:{ports[1]}"}
    assert server.end() == 0


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_unseen_rows_are_reversed(wire, ports, rows):
    unseen = rows[2500:]
    with Client(ports[wire], model="digits") as client:
        found = list(client.translate_stream([source for source, _ in unseen]))
    right = sum(answer.text == target for answer, (_, target) in zip(found, unseen, strict=True))
    assert right / len(unseen) >= 0.95


def test_the_attention_is_an_anti_diagonal(ports, rows):
    # Digit t of the answer is digit n - 1 - t of the text; both end with an EOS piece.
    eight = [source for source, _ in rows[2500:] if len(source.split()) == 8][:20]
    with Client(ports["grpc"], model="digits") as client:
        for explanation in client.explain(eight):
            weights = np.array(explanation.alignment)[:8, :8]
            assert weights.shape == (8, 8)
            # An encoder state knows its neighbours: the strongest weight may sit one place off.
            distance = np.abs(weights.argmax(axis=1) - np.arange(7, -1, -1))
            assert np.mean(distance <= 1) >= 0.9
            assert np.corrcoef(weights.argmax(axis=1), np.arange(8))[0, 1] < -0.9


def test_both_ports_give_the_same_alternatives(ports, rows):
    texts = [source for source, _ in rows[2500:2510]]
    answers = []
    for address in ports.values():
        with Client(address, model="digits") as client:
            answers.append(client.alternatives(texts))
    for one, other in zip(*answers, strict=True):
        assert [a.text for a in one] == [a.text for a in other]
        np.testing.assert_allclose([a.score for a in one], [a.score for a in other], rtol=1e-4)


@pytest.mark.parametrize("wire", ["grpc", "rest"])
def test_scores_equal_the_translators_own(wire, ports, rows):
    texts = [source for source, _ in rows[2500:2520]]
    with Client(ports[wire], model="digits") as client:
        own = client.translate(texts)
        found = client.predict(
            {
                "text": InputTensor("string", texts),
                "translation": InputTensor("string", [one.text for one in own]),
            },
            signature="score",
        )
    np.testing.assert_allclose(found["normalised_score"], [one.score for one in own], atol=1e-3)


def test_options_are_per_row(ports, rows):
    texts = [source for source, _ in rows[2500:2503]]
    with Client(ports["grpc"], model="digits") as client:
        own = client.translate(texts)
        columns = {
            "text": InputTensor("string", texts),
            "length_penalty": InputTensor("float32", [-1.0] * 3),
            "max_length": InputTensor("int32", [0, 2, 0]),
            "min_length": InputTensor("int32", [0] * 3),
            "temperature": InputTensor("float32", [0.0, 0.0, 0.5]),
            "seed": InputTensor("int64", [0, 0, 7]),
        }
        found = client.predict(columns, signature="translate_with_options")
    assert found["translation"][0] == own[0].text
    assert len(found["translation"][1].split()) <= 1
