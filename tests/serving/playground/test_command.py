"""`python -m serving playground`: its arguments, and its end."""

import re
import signal
import socket
import subprocess
import sys

import httpx2
import pytest

from serving.playground.command import main
from tests.support.interrupted import with_handler

COMMAND = [sys.executable, "-m", "serving", "playground"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "0"], "argument --port: expected a port, 1 to 65535, got '0'"),
        (["--port", "x"], "argument --port: expected a port, 1 to 65535, got 'x'"),
        (["--timeout", "0"], "argument --timeout: expected seconds above 0, got '0'"),
        (["--timeout", "nan"], "argument --timeout: expected seconds above 0, got 'nan'"),
        (["--model", ""], "--model: expected the name of a model, got ''"),
        (["--grpc", "nowhere"], "--grpc: address must be HOST:PORT"),
        (["--rest", "http://"], "--rest: address must be HOST:PORT"),
        (["--grpc", "a:1", "--rest", "a:2"], "argument --rest: not allowed with argument --grpc"),
        (["--modle", "m"], "unrecognized arguments: --modle m"),
    ],
)
def test_wrong_arguments(capsys, arguments, message):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    written = capsys.readouterr().err
    assert stopped.value.code == 2
    assert written.startswith(f"error: {message}")
    assert written.count("\n") == 1


def test_a_port_in_use(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert main(["--port", str(number)]) == 1
    written = capsys.readouterr().err
    remedy = "stop it, or give another --port=PORT."
    assert written == f"error: Port {number} on 127.0.0.1 is in use by another process: {remedy}\n"


def test_an_address_of_another_machine(capsys):
    assert main(["--host", "192.0.2.1", "--port", "8502"]) == 1
    assert "give another --port=PORT or another --host ADDRESS." in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(free_port, number):
    port = free_port()
    server = f"127.0.0.1:{free_port()}"
    command = with_handler(*COMMAND, "--rest", server, "--model", "m", "--port", str(port))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert re.fullmatch(rf"playground of http://127.0.0.1:\d+: http://127.0.0.1:{port}/ \(.*\)\n", line)
        with httpx2.Client(trust_env=False) as client:
            assert client.get(f"http://127.0.0.1:{port}/").status_code == 200
            states = client.get(f"http://127.0.0.1:{port}/api/models").json()["models"]
        assert [(one["name"], one["state"]) for one in states] == [("m", "unreachable")]
        process.send_signal(number)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_it_needs_no_tensorflow():
    program = "import sys, serving.playground.command; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "serving.playground.application" in modules
    assert not modules & {"tensorflow", "keras", "numpy", "rich"}
