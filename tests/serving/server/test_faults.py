"""What goes wrong around a server: a killed export, a full disk, lost files, a clock that jumps."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serving.client import Client
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.serving import small_model

ROOT = Path(__file__).parents[3]
# Writes a version as an export does, then waits in the middle.
EXPORTING = """
import shutil, sys, time
from pathlib import Path
from serving.export.publish import new_version
source, base = Path(sys.argv[1]), Path(sys.argv[2])
with new_version(base) as draft:
    draft.directory.mkdir()
    shutil.copyfile(source / "saved_model.pb", draft.directory / "saved_model.pb")
    print("half", flush=True)
    time.sleep(60)
"""
# The same on a disk that takes no more than a few bytes of a file.
FULL_DISK = """
import resource, sys
from pathlib import Path
import tensorflow as tf
from seqapp.errors import ExportError
from serving.export.publish import new_version
from tests.serving.small_model import WordReverser
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
try:
    with new_version(Path(sys.argv[2])) as draft:
        tf.saved_model.save(WordReverser("2:"), str(draft.directory))
except ExportError as error:
    print(error, flush=True)
"""


@pytest.fixture
def model(reverser, tmp_path):
    return shutil.copytree(reverser, tmp_path / "m")


@pytest.fixture
def server(model):
    options = ServerOptions(
        [ModelConfig("m", str(model))], grpc_port=0, rest_port=0, poll_wait_s=0.05, max_load_retries=0
    )
    with EmbeddedServer(options) as running:
        yield running


def answer(server, rest=False):
    with Client(f"http://{server.rest_address}" if rest else server.grpc_address, model="m") as client:
        return client.translate(["a b"])[0].text


def wait_until(done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def states(server):
    return {version.number: version.state.name for version in server.models.versions("m")}


@pytest.mark.slow
def test_an_export_that_is_killed_changes_nothing(server, model):
    with subprocess.Popen(
        [sys.executable, "-c", EXPORTING, str(model / "1"), str(model)], stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout.readline() == b"half\n"
        time.sleep(0.3)  # several polls
        assert states(server) == {1: "AVAILABLE"}
        os.kill(process.pid, signal.SIGKILL)
    time.sleep(0.3)
    assert states(server) == {1: "AVAILABLE"}
    assert answer(server) == "b a"


@pytest.mark.slow
def test_a_full_disk_publishes_nothing(server, model):
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, "-", str(model)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "no version could be written below" in done.stdout, done.stderr[-2000:]
    assert [path.name for path in model.iterdir()] == ["1"]
    assert answer(server) == "b a"


@pytest.mark.parametrize("lost", ["saved_model.pb", "variables/variables.index"])
def test_a_version_that_lacks_a_file_leaves_the_old_one_serving(server, model, tmp_path, lost):
    small_model.save(tmp_path / "new", version=2, mark="2:")
    broken = tmp_path / "new" / "2"
    path = broken / lost
    if path.exists():
        path.unlink()
    else:
        pytest.fail(f"the model has no {lost}")
    broken.rename(model / "2")
    wait_until(lambda: states(server).get(2) == "END" or lost == "saved_model.pb")
    assert states(server)[1] == "AVAILABLE"
    assert answer(server) == "b a"


def test_a_clock_that_goes_back_changes_nothing(server, model, tmp_path, monkeypatch):
    # Over REST: the gRPC library of this process reckons its own deadlines by the clock that is moved.
    now = time.time
    for jump in (-86_400.0, 86_400.0, -10 * 365 * 86_400.0):
        monkeypatch.setattr(time, "time", lambda jump=jump: now() + jump)
        assert answer(server, rest=True) == "b a"
    small_model.save(tmp_path / "new", version=2, mark="2:")
    os.utime(tmp_path / "new" / "2", (0, 0))
    (tmp_path / "new" / "2").rename(model / "2")
    wait_until(lambda: answer(server, rest=True) == "2:b a")
