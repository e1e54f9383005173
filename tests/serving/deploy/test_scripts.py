"""healthy.sh against scripted answers, serve.sh around a stand-in for the server."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.serving.deploy.conftest import SOURCE
from tests.support.interrupted import with_handler

AVAILABLE = '{\n "model_version_status": [\n  {\n   "version": "1",\n   "state": "AVAILABLE",\n'
LOADING = AVAILABLE.replace("AVAILABLE", "LOADING")


def answer(body: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\r\n{body}".encode()


@contextmanager
def answering(*answers: bytes, hold: bool = False) -> Iterator[tuple[int, list[str]]]:
    """A port whose connections get these answers in turn, and the first lines that were sent there."""
    asked: list[str] = []
    ending = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for reply in answers:
                connection, _ = listener.accept()
                with connection:
                    lines = b""
                    while not lines.endswith(b"\r\n\r\n"):
                        lines += connection.recv(4096)
                    asked.append(lines.decode().splitlines()[0])
                    connection.sendall(reply)
                    if hold:
                        ending.wait(20)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], asked
        ending.set()
        thread.join(5)


def test_healthy_when_available(healthy):
    with answering(answer(AVAILABLE)) as (port, asked):
        done = healthy(port)
    assert (done.returncode, done.stderr) == (0, "")
    assert asked == ["GET /v1/models/translation HTTP/1.1"]


def test_healthy_while_another_version_loads(healthy):
    with answering(answer(LOADING + AVAILABLE)) as (port, _):
        assert healthy(port).returncode == 0


def test_a_connection_that_is_kept_open_is_not_waited_for_in_vain(healthy):
    with answering(answer(AVAILABLE), hold=True) as (port, _):
        began = time.monotonic()
        assert healthy(port, HEALTH_SECONDS="0.3").returncode == 0
        assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (answer(LOADING), "no version that is AVAILABLE"),
        (answer(LOADING.replace("LOADING", "END")), "no version that is AVAILABLE"),
        (answer(LOADING + r'"error_message": "\"state\": \"AVAILABLE\""'), "no version that is AVAILABLE"),
        (answer(AVAILABLE, "404 Not Found"), "model translation: HTTP/1.1 404 Not Found"),
        (answer(AVAILABLE, "503 2000"), "HTTP/1.1 503"),
        (b"SSH-2.0 200 AVAILABLE\r\n", "model translation: SSH-2.0"),
        (b"\x00\xff", "no answer"),
        (b"", "no answer"),
    ],
)
def test_unhealthy_otherwise(healthy, reply, told):
    with answering(reply) as (port, _):
        done = healthy(port, HEALTH_SECONDS="0.3")
    assert done.returncode == 1
    assert told in done.stderr


def test_unhealthy_when_nobody_listens(healthy, free_port):
    done = healthy(free_port())
    assert done.returncode == 1
    assert "nobody answers" in done.stderr


def test_unhealthy_in_time_when_the_server_is_silent(healthy):
    with answering(b"", hold=True) as (port, _):
        began = time.monotonic()
        done = healthy(port, HEALTH_SECONDS="0.3")
        assert time.monotonic() - began < 10
    assert done.returncode == 1
    assert "within 0.3 s" in done.stderr


def test_each_model_is_asked_for(healthy):
    with answering(answer(AVAILABLE), answer(LOADING)) as (port, asked):
        done = healthy(port, MODEL_NAME="one two")
    assert done.returncode == 1
    assert "model two" in done.stderr
    assert [line.split()[1] for line in asked] == ["/v1/models/one", "/v1/models/two"]


def test_arguments_come_before_the_environment(healthy):
    with answering(answer(AVAILABLE)) as (port, asked):
        assert healthy(port, "en-ko", MODEL_NAME="one two").returncode == 0
    assert asked == ["GET /v1/models/en-ko HTTP/1.1"]


@pytest.mark.parametrize("name", ["../x", "a b", "", "a\r\nHost: x"])
def test_names_that_are_no_names_are_refused(healthy, free_port, name):
    done = healthy(free_port(), name)
    assert done.returncode == 1
    assert "no name of a model" in done.stderr


@pytest.fixture
def serve_script(program) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts serve.sh with a program of this body in the place of the server."""
    started: list[subprocess.Popen[str]] = []

    def start(
        body: str, *flags: str, drain: str = "0", wrapped: tuple[str, ...] = ()
    ) -> subprocess.Popen[str]:
        environment = {**program("tensorflow_model_server", body), "DRAIN_SECONDS": drain}
        command = [*wrapped, str(SOURCE / "serve.sh"), *flags]
        started.append(
            subprocess.Popen(
                # A shell cannot trap what was ignored when it began.
                with_handler(*command),
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_flags_and_exit_code_pass_through(serve_script):
    process = serve_script('printf "%s\\n" "$@"; exit 7', "--port=1", "--a=b c")
    out, _ = process.communicate(timeout=20)
    assert out.splitlines() == ["--port=1", "--a=b c"]
    assert process.returncode == 7


def test_the_drain_is_a_number(serve_script):
    process = serve_script("exit 0", drain="5s")
    _, told = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "DRAIN_SECONDS is '5s'" in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_after_the_drain(serve_script, number):
    # `sleep` has no handler for SIGTERM, as the server has none.
    process = serve_script('echo "$$"; exec sleep 60', drain="1")
    server = int(process.stdout.readline())
    began = time.monotonic()
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 0
    assert 1 <= time.monotonic() - began < 10
    assert "answering for another 1 s" in told
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_the_drain_ends_with_the_server(serve_script):
    process = serve_script("echo; sleep 1", drain="30")
    process.stdout.readline()
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_it_ends_as_the_first_process_of_a_container(serve_script):
    """There the kernel keeps signals from a process that has no handler for them."""
    wrapped = ("unshare", "--user", "--map-root-user", "--pid", "--fork")
    if subprocess.run([*wrapped, "true"], capture_output=True, check=False).returncode:
        pytest.skip("process namespaces may not be made here")
    process = serve_script("echo; exec sleep 60", wrapped=wrapped)
    process.stdout.readline()
    [first] = _children(process.pid)
    began = time.monotonic()
    os.kill(first, signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode == 0
    assert time.monotonic() - began < 10


def _children(process: int) -> list[int]:
    with open(f"/proc/{process}/task/{process}/children") as children:  # noqa: PTH123
        return [int(word) for word in children.read().split()]
