"""The files at work: serve.sh, healthy.sh and the configuration around a running embedded server."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from serving.client import Client
from serving.deploy.containers import read_containers
from serving.deploy.prometheus import read_scrapes
from tests.serving.deploy.conftest import SOURCE

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


def eventually(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.2)


@pytest.fixture
def models(folder, tmp_path):
    """A base path without a version yet, and models.config naming it."""
    base = tmp_path / "served" / "translation"
    base.mkdir(parents=True)
    text = (folder / "models.config").read_text()
    assert '"/models/translation"' in text
    (folder / "models.config").write_text(text.replace("/models/translation", str(base)))
    return base


@pytest.fixture
def container(folder, models, program, free_port):
    """serve.sh with the flags of compose.yaml and the embedded server as tensorflow_model_server."""
    grpc, rest = free_port(), free_port()
    flags = [
        flag.replace("/config/", f"{folder}/").replace("=8500", f"={grpc}").replace("=8501", f"={rest}")
        for flag in next(one for one in read_containers(folder) if one.file == "compose.yaml").flags
    ]
    environment = program("tensorflow_model_server", f'exec {sys.executable} -m serving serve "$@"')
    environment |= {"DRAIN_SECONDS": "2", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([SOURCE / "serve.sh", *flags], env=environment, start_new_session=True) as process:
        yield process, grpc, rest
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_deployment_from_start_to_end(container, models, reverser, healthy):
    process, grpc, rest = container

    def state(model="translation"):
        return healthy(rest, model, HEALTH_SECONDS="1")

    # No version: the server waits.
    time.sleep(1)
    assert state().returncode == 1
    shutil.copytree(reverser / "1", models.parent / "unfinished")
    (models.parent / "unfinished").rename(models / "1")
    eventually(lambda: state().returncode == 0)
    assert "404" in state("elsewhere").stderr

    with Client(f"127.0.0.1:{grpc}", model="translation") as client:
        assert client.translate(["a b c"])[0].text == "c b a"
    [(path, _)] = read_scrapes(SOURCE)
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{rest}{path}", timeout=10).read().decode()
    assert ":tensorflow:serving:request_count" in metrics
    assert 'model_name="translation"' in metrics

    # All versions gone: the status still answers 200, and the state tells.
    (models / "1").rename(models.parent / "gone")
    eventually(lambda: "no version that is AVAILABLE" in state().stderr)
    status = urllib.request.urlopen(f"http://127.0.0.1:{rest}/v1/models/translation", timeout=10)
    assert status.status == 200
    (models.parent / "gone").rename(models / "2")
    eventually(lambda: state().returncode == 0)

    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert state().returncode == 0  # the drain
    assert process.wait(30) == 0
    assert time.monotonic() - began > 1.5
    assert "nobody answers" in state().stderr
