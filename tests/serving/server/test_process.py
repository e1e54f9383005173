"""The server as a process: ready lines, ports, signals, wrong flags."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from serving.client import Client
from serving.client.transport import InputTensor


@pytest.mark.slow
def test_it_says_when_it_is_ready_answers_and_drains(serve, reverser, free_port):
    grpc, rest = free_port(), free_port()
    server = serve(
        f"--port={grpc}",
        f"--rest_api_port={rest}",
        "--model_name=reverser",
        f"--model_base_path={reverser}",
        "--nobody_knows_this=1",
        "--prefer_tflite_model",
    )
    server.wait_for(f"Running gRPC ModelServer at 127.0.0.1:{grpc} ...")
    server.wait_for(f"Exporting HTTP/REST API at:127.0.0.1:{rest} ...")
    assert "unknown argument: --nobody_knows_this=1" in server.wait_for("unknown argument")
    assert "--prefer_tflite_model" in server.wait_for("without effect")
    answers = []

    def ask(address):
        with Client(address, model="reverser") as client:
            answers.append(client.predict({"steps": InputTensor("int32", [150_000])}, signature="busy"))

    asking = [
        threading.Thread(target=ask, args=(a,)) for a in (f"127.0.0.1:{grpc}", f"http://127.0.0.1:{rest}")
    ]
    for thread in asking:
        thread.start()
    time.sleep(0.2)  # both requests are in work now
    assert server.end() == 0
    for thread in asking:
        thread.join()
    assert [answer["done"] for answer in answers] == [[150_000]] * 2


@pytest.mark.slow
def test_signals_that_come_one_on_another_end_it(serve, reverser, free_port):
    # make hands SIGTERM on to a server that has got it already, with its process group.
    for _ in range(3):
        port = free_port()
        server = serve(f"--port={port}", "--model_name=reverser", f"--model_base_path={reverser}")
        server.wait_for("Running gRPC ModelServer")
        for _ in range(200):
            server.process.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


@pytest.mark.parametrize("flag", ["port", "rest_api_port"])
def test_a_port_in_use_is_told_at_once(serve, reverser, free_port, flag):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = {"port": free_port(), "rest_api_port": free_port(), flag: taken.getsockname()[1]}
        server = serve(
            *(f"--{name}={number}" for name, number in ports.items()), f"--model_base_path={reverser}"
        )
        assert server.wait(10) == 255
    line = server.wait_for("in use")
    assert f"--{flag}=PORT" in line
    assert str(ports[flag]) in line


def test_a_relative_base_path_names_the_absolute_one(serve, free_port):
    server = serve(f"--port={free_port()}", "--model_name=m", "--model_base_path=models/m")
    assert server.wait(10) == 255
    line = server.wait_for("absolute path")
    assert "base_path()=models/m" in line
    assert "/models/m ?" in line


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--port=abc"], "a whole number"),
        (["--enable_batching=perhaps"], "true or false"),
        (["--port=0"], "--grpc_socket_path"),
        (["--port=8500", "--rest_api_port=8500"], "a port each"),
        (["--rest_api_num_threads=-5"], "--rest_api_num_threads=-5 is out of range"),
        (["--port=0", "--grpc_socket_path=/none/s", "--request_log_file=/"], "request_log_file=/ cannot"),
        ([], "Nothing to serve"),
    ],
)
def test_wrong_flags(serve, flags, told):
    base = [] if told == "Nothing to serve" else ["--model_base_path=/m"]
    server = serve(*flags, *base)
    assert server.wait(10) == 255
    server.wait_for(told)


def test_help_lists_the_flags(serve):
    server = serve("--help")
    assert server.wait(10) == 255
    server.wait_for("--rest_api_port")
    server.wait_for("--bind_address")


def test_version_is_two_lines():
    command = [sys.executable, "-m", "serving", "serve", "--version"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        "Embedded ModelServer",
        "TensorFlow Library",
    ]


@pytest.mark.slow
def test_a_model_that_fails_for_good_ends_the_start(serve, tmp_path, free_port):
    (tmp_path / "1").mkdir()
    port = free_port()
    server = serve(
        f"--port={port}",
        "--model_name=m",
        f"--model_base_path={tmp_path}",
        "--max_num_load_retries=1",
        "--load_retry_interval_micros=1000",
    )
    assert server.wait(60) == 255
    line = server.wait_for("Failed to start server. Error: UNKNOWN: 1 servable(s) did not become available: ")
    assert "{{{name: m version: 1} due to error: NOT_FOUND: " in line
    assert sum("Loading servable: {name: m version: 1} failed" in line for line in server.lines) == 2
    assert not any("Running gRPC" in line for line in server.lines)


@pytest.mark.slow
def test_a_signal_ends_a_server_that_waits_for_its_model(serve, tmp_path, free_port):
    server = serve(f"--port={free_port()}", "--model_name=m", f"--model_base_path={tmp_path}")
    server.wait_for("No versions of servable m found")
    server.process.send_signal(signal.SIGINT)
    assert server.wait() == 0


@pytest.mark.slow
def test_without_file_descriptors_it_waits_and_goes_on(serve, reverser, free_port):
    rest = free_port()
    server = serve(f"--port={free_port()}", f"--rest_api_port={rest}", f"--model_base_path={reverser}")
    server.wait_for("Exporting HTTP/REST API")
    opened = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (opened + 8, opened + 8))
    with contextlib.ExitStack() as stack:
        for _ in range(60):
            stack.enter_context(socket.create_connection(("127.0.0.1", rest), timeout=10))
        assert "cannot accept connections" in server.wait_for("REST port")
        begun = cpu_seconds(server.process.pid)
        time.sleep(3)
        assert cpu_seconds(server.process.pid) - begun < 1
    with Client(f"http://127.0.0.1:{rest}", model="default", timeout=20) as client:
        assert client.translate(["a b"])[0].text == "b a"
    assert len(server.lines) < 60
    assert server.end() == 0


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
