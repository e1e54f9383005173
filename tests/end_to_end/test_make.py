"""What README.md promises of `make`, with the small preset."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from serving.client import Client, ClientError
from tests.end_to_end.test_reversing_digits import free_ports
from tests.support.make_environment import own_environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("apt-get") is None, reason="the default corpus comes by apt-get"),
]
ROOT = Path(__file__).parents[2]
SECONDS = 1200


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("make")
    ports = free_ports(2)
    return {
        "PRESET": "tiny",
        "EPOCHS": "3",
        "RUN": str(folder / "run"),
        "MODEL": str(folder / "models" / "translation"),
        "GRPC_PORT": str(ports[0]),
        "REST_PORT": str(ports[1]),
    }


def make_command(target, variables):
    return ["make", target, *(f"{name}={value}" for name, value in variables.items())]


def make(target, variables):
    done = subprocess.run(
        make_command(target, variables),
        cwd=ROOT,
        env=own_environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@contextmanager
def serving(variables, ask):
    """`make serve`, once `ask(REST address)` gets its answer; ended by its own process group."""
    process = subprocess.Popen(
        make_command("serve", variables),
        cwd=ROOT,
        env=own_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{variables['REST_PORT']}"
    end = time.monotonic() + 120
    try:
        while True:
            try:
                ask(address)
                break
            except ClientError:
                assert time.monotonic() < end
                assert process.poll() is None
                time.sleep(0.5)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


@pytest.fixture(scope="module")
def trained(variables):
    return make("train", variables)


@pytest.fixture(scope="module")
def served(trained, variables):
    def ask(address):
        with Client(address, model="translation") as client:
            assert client.translate([""])[0].text == ""

    with serving(variables, ask) as address:
        yield address


def test_train_ends_with_scores_samples_the_version_and_the_next_command(trained, variables):
    lines = trained.splitlines()
    assert any(line.startswith("held-out test  chrF ") for line in lines)
    assert sum(line.startswith("  → ") for line in lines) >= 3
    assert str(Path(variables["MODEL"]) / "1") in lines
    assert lines[-1].startswith("next:  make serve")
    metrics = json.loads((Path(variables["RUN"]) / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["test"]["sentences"] > 500
    assert "tok:char" in metrics["test"]["character_bleu_signature"]


def test_the_run_records_the_corpus_and_its_versions(trained, variables):
    data = json.loads((Path(variables["RUN"]) / "config.json").read_text(encoding="utf-8"))["data"]
    assert data["corpus"] == "libreoffice-help"
    assert set(data["packages"]) == {"libreoffice-help-en-us", "libreoffice-help-ko"}


def test_query_prints_the_translation(served, variables):
    out = make("query", {**variables, "TEXT": "Click OK to save the document."})
    with Client(served, model="translation") as client:
        wanted = client.translate(["Click OK to save the document."])[0].text
    assert wanted in out.splitlines()


def test_evaluate_scores_the_model_beside_the_baseline(trained, variables):
    scores = json.loads(make("evaluate", variables).splitlines()[-1])
    assert scores["baseline"]["name"] == "nearest"
    assert scores["sentences"] == scores["baseline"]["sentences"]


def test_export_again_is_the_next_version(trained, variables):
    assert make("export", variables).splitlines()[-1] == str(Path(variables["MODEL"]) / "2")
