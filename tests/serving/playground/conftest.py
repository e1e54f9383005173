"""A server of a model of each task, once a session, and playgrounds that talk to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.serving.playground.running_playground import Playground

NAMES = ("reverser", "sentiment", "mute", "echo")


@pytest.fixture(scope="session")
def served(reverser, echo, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """An EmbeddedServer of a translator, two classifiers, of which `mute` has no `explain`, and `echo`."""
    from tests.serving.client.small_classifier import save

    directory = tmp_path_factory.mktemp("playground")
    save(directory / "sentiment")
    save(directory / "mute", reasons=False)
    with _server(reverser, echo, directory / "sentiment", directory / "mute") as running:
        yield running


@pytest.fixture(scope="session")
def of_language(start_playground, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """A playground of exports of an n-gram model, `ngram`, and of a masked language model, `masked`."""
    from tests.support.tasks import small_language_model, small_masked_model, write_version

    directory = tmp_path_factory.mktemp("language")
    write_version(small_language_model("ngram"), directory / "ngram" / "1")
    write_version(small_masked_model("recurrent"), directory / "masked" / "1")
    with _server(directory / "ngram", directory / "masked") as running:
        yield start_playground(running.grpc_address, "ngram", "masked")


def _server(*bases: Path) -> Any:
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions

    models = [ModelConfig(base.name, str(base)) for base in bases]
    return EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0, drain_seconds=5))


@pytest.fixture(scope="session")
def start_playground() -> Iterator[Callable[..., Playground]]:
    """Starts playgrounds, which end with the session."""
    with ExitStack() as stack:

        def start(address: str, *names: str) -> Playground:
            made = Playground(address, names)
            stack.callback(made.close)
            return made

        yield start


@pytest.fixture(scope="session")
def playground(served, start_playground) -> Playground:
    """Of all models of the server, over gRPC."""
    return start_playground(served.grpc_address, *NAMES)
