"""A server of a classifier and a translator, once a session; `query` in a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest


@pytest.fixture(scope="session")
def both_tasks(reverser, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """A server of two classifiers, `sentiment` and `mute` (no `explain`), and of `reverser`, a translator."""
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions
    from tests.serving.client.small_classifier import save

    directory = tmp_path_factory.mktemp("classifiers")
    save(directory / "sentiment")
    save(directory / "mute", reasons=False)
    bases = [directory / "sentiment", directory / "mute", reverser]
    models = [ModelConfig(base.name, str(base)) for base in bases]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0, drain_seconds=5)) as running:
        yield running


@pytest.fixture
def terminal() -> Callable[..., str]:
    """What `python -m serving query` shows in a terminal of 60 columns."""

    def run(*arguments: str) -> str:
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "serving", "query", *arguments]
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "60"}
        with subprocess.Popen(command, stdout=follower, env=environment) as process:
            os.close(follower)
            shown = b"".join(iter(lambda: _read(leader), b""))
            assert process.wait(30) == 0
        os.close(leader)
        return shown.decode()

    return run


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # nobody writes to it any more
        return b""
