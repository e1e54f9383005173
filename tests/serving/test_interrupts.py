"""Ctrl-C in the commands of serving, also through make."""

import signal
import socket
import sys
import time

import pytest

from tests.support.interrupted import interrupted

pytestmark = pytest.mark.slow
SENTENCE = "stopped; the same command starts again\n"


@pytest.fixture
def silent():
    """The port of a server that never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


# Python itself takes a moment to start, more on a busy machine; until then nobody can end it well.
@pytest.mark.parametrize("after", [0.7, 2.0])
def test_query(silent, after):
    asked = interrupted("serving", "query", "--model=m", f"--grpc=127.0.0.1:{silent}", "--", "a", after=after)
    assert asked == (130, "", SENTENCE)
    asked = interrupted("serving", "query", "--model=m", f"--rest=127.0.0.1:{silent}", "--", "a", after=after)
    assert asked == (130, "", SENTENCE)


def test_lines_of_standard_input():
    assert interrupted("serving", "query", "--model=m", after=1.0) == (130, "", SENTENCE)


def test_loadtest(silent):
    address = f"--address=http://127.0.0.1:{silent}"
    stopped = interrupted("serving", "loadtest", "--model=m", address, after=1.5)
    assert (stopped.code, stopped.error) == (130, SENTENCE)


@pytest.mark.parametrize("after", [0.7, 2.0])
def test_inspect(tmp_path, after):
    assert interrupted("serving", "inspect", str(tmp_path), after=after) == (130, "", SENTENCE)


@pytest.mark.parametrize("after", [0.7, 2.0])
def test_export(tmp_path, after):
    model = tmp_path / "models"
    stopped = interrupted("serving", "export", f"--run={tmp_path}", f"--model={model}", after=after)
    assert stopped.code == 130
    assert stopped.error in (
        SENTENCE,
        f"stopped; no version was added to {model}; the same command starts again\n",
    )
    assert not model.exists()


def test_make(silent, tmp_path):
    (tmp_path / "ready").touch()
    own = [f"PYTHON={sys.executable}", f"READY={tmp_path / 'ready'}"]
    stopped = interrupted("make", "query", *own, f"GRPC_PORT={silent}", f"REST_PORT={silent}", after=1.5)
    lines = [line for line in stopped.error.splitlines() if not line.startswith("make: ***")]
    assert lines == [SENTENCE.rstrip()]
    assert stopped.code != 0


def test_serve_before_it_serves(serve, tmp_path, free_port):
    server = serve(f"--port={free_port()}", "--model_name=m", f"--model_base_path={tmp_path}")
    time.sleep(1.0)  # TensorFlow is being imported
    server.process.send_signal(signal.SIGINT)
    # The signal is answered between two imports, which take seconds each on a busy machine.
    assert server.wait(30) == 130
    assert server.lines[-1] == SENTENCE.rstrip()


@pytest.mark.slow
def test_serve_ends_as_it_does_on_sigterm(serve, reverser, free_port):
    port = free_port()
    server = serve(f"--port={port}", "--model_name=reverser", f"--model_base_path={reverser}")
    server.wait_for("Running gRPC ModelServer")
    server.process.send_signal(signal.SIGINT)
    assert server.wait(10) == 0
    server.wait_for("requests in progress are answered, new ones refused")
    assert not any("stopped" in line for line in server.lines)
