"""A saved model and a server in this process, once a session; server processes by request."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.interrupted import with_handler


@pytest.fixture(scope="session")
def reverser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base path of the word reverser, version 1."""
    from tests.serving.small_model import save

    base = tmp_path_factory.mktemp("models") / "reverser"
    save(base)
    return base


@pytest.fixture(scope="session")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base path of the echo model, version 1."""
    from tests.serving.echo_model import save

    base = tmp_path_factory.mktemp("models") / "echo"
    save(base)
    return base


@pytest.fixture(scope="session")
def shared_input(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base path of the model whose signatures share their input, version 1."""
    from tests.serving.shared_input_model import save

    base = tmp_path_factory.mktemp("models") / "shared_input"
    save(base)
    return base


@pytest.fixture(scope="session")
def server(reverser: Path, echo: Path, shared_input: Path) -> Iterator:
    """An EmbeddedServer of these three models on free loopback ports."""
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions

    bases = {"reverser": reverser, "echo": echo, "shared_input": shared_input}
    models = [ModelConfig(name, str(base)) for name, base in bases.items()]
    # Runs that a test leaves behind must not keep the cores busy for long.
    options = ServerOptions(models, grpc_port=0, rest_port=0, drain_seconds=5, rest_timeout_s=3)
    with EmbeddedServer(options) as running:
        yield running


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Finds ports that nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


class ServerProcess:
    """`python -m serving serve` as a process of its own."""

    def __init__(self, *flags: str) -> None:
        command = with_handler(sys.executable, "-m", "serving", "serve", *flags)
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str, seconds: float = 60) -> str:
        """The first line on standard error that holds `text`."""
        with self._news:
            self._news.wait_for(lambda: self._find(text) or self.process.poll() is not None, seconds)
            line = self._find(text)
        assert line is not None, f"no {text!r} in {self.lines}"
        return line

    def end(self, seconds: float = 30) -> int:
        """Sends SIGTERM; the exit code."""
        self.process.terminate()
        return self.wait(seconds)

    def wait(self, seconds: float = 30) -> int:
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def _find(self, text: str) -> str | None:
        return next((line for line in self.lines if text in line), None)

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                with self._news:
                    self.lines.append(line.rstrip("\n"))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()


@pytest.fixture
def serve() -> Iterator[Callable[..., ServerProcess]]:
    """Starts server processes and ends those that still run."""
    started: list[ServerProcess] = []

    def start(*flags: str) -> ServerProcess:
        started.append(ServerProcess(*flags))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.wait()
