"""A third task: its own declaration, and nothing else, makes it known to client, `query` and load test."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import tensorflow as tf

from serving.client import AsyncClient, Client, UnexpectedReplyError, query
from serving.client.methods import Methods, Stream, operation
from serving.client.operations import ask_rows, checked, text_column
from serving.client.tasks import registry
from serving.client.tasks.task import QueryView, Task
from serving.client.tasks.translation import TRANSLATION
from serving.client.transport import Operation
from serving.loadtest.command import main as loadtest


@dataclass(frozen=True)
class Length:
    """How many characters a text has."""

    characters: int
    truncated: bool


class CountingMethods(Methods):
    """Methods for models that count characters."""

    @operation()
    def count(self, texts: Sequence[str], *, timeout: float | None = None) -> Operation[list[Length]]:
        """One length per text."""
        if not checked(texts):
            return []
        outputs = yield from ask_rows(self, "serving_default", text_column(texts), timeout, "characters")
        return [Length(*row) for row in zip(*outputs, strict=True)]

    count_stream = Stream(count)


def view() -> QueryView:
    return QueryView(
        same=lambda ours, theirs: ours == theirs,
        lines=lambda length: [f"{length.characters}\n"],
        truncated=lambda length: length.truncated,
    )


COUNTING = Task(
    "counting", "a counter", frozenset({"characters"}), CountingMethods, CountingMethods.count, view
)


class Counter(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def count(self, text):
        length = tf.strings.length(text, unit="UTF8_CHAR")
        return {"characters": length, "truncated": length > 3}


@pytest.fixture(scope="module")
def running(tmp_path_factory, reverser):
    from serving.server.embedded import EmbeddedServer
    from serving.server.lifecycle.config import ModelConfig
    from serving.server.options import ServerOptions

    base = tmp_path_factory.mktemp("models") / "counter"
    module = Counter()
    tf.saved_model.save(module, str(base / "1"), signatures={"serving_default": module.count})
    models = [ModelConfig("counter", str(base)), ModelConfig("reverser", str(reverser))]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0, drain_seconds=5)) as server:
        yield server


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(registry, "_TASKS", list(registry._TASKS))
    registry.register(COUNTING)


def ports(running):
    return ["--model", "counter", "--grpc", running.grpc_address, "--rest", running.rest_address]


def test_its_methods_are_called_through_run(running, registered):
    with Client(running.grpc_address, model="counter") as client:
        assert client.run(CountingMethods.count, ["저장", "four"]) == [Length(2, False), Length(4, True)]
        assert registry.recognise(client.metadata()) is COUNTING

    async def ask():
        async with AsyncClient(f"http://{running.rest_address}", model="counter") as client:
            return await client.run(CountingMethods.count, ["a"])

    assert asyncio.run(ask()) == [Length(1, False)]


def test_a_client_may_have_them_as_its_own(running):
    class CountingClient(Client, CountingMethods):
        pass

    with CountingClient(running.grpc_address, model="counter") as client:
        assert client.count(["ab"]) == [Length(2, False)]
        assert [one.characters for one in client.count_stream(["a", "bc"], batch_size=1)] == [1, 2]


def test_query_shows_it(running, registered, capsys):
    assert query.main([*ports(running), "저장", "four"]) == 0
    note = "note: 1 of 2 texts was cut (text 2): longer than the model reads\n"
    assert capsys.readouterr() == ("2\n4\n", note)
    assert query.main([*ports(running), "--alternatives", "a"]) == 1
    assert "the model, a counter, has no signature" in capsys.readouterr().err


def test_unregistered_it_is_asked_generically(running, capsys):
    assert query.main([*ports(running), "저장", "four"]) == 0
    out, err = capsys.readouterr()
    assert list(map(json.loads, out.splitlines())) == [
        {"characters": 2, "truncated": False},
        {"characters": 4, "truncated": True},
    ]
    assert "1 of 2 texts was cut (text 2)" in err


def test_the_load_test_asks_it(running, registered, capsys):
    arguments = ["--model", "counter", "--address", running.grpc_address, "--duration", "0.3"]
    assert loadtest([*arguments, "--concurrency", "1"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])[0]["requests"] > 0


def test_other_models_and_other_methods_say_what_the_model_is(running, registered):
    with (
        Client(running.grpc_address, model="counter") as client,
        pytest.raises(UnexpectedReplyError, match=r"The model is a counter: ask it with count\(\)"),
    ):
        client.translate(["a"])
    with (
        Client(running.grpc_address, model="reverser") as client,
        pytest.raises(UnexpectedReplyError, match="The model is a translator"),
    ):
        client.run(CountingMethods.count, ["a"])


def test_a_name_is_registered_once(registered):
    with pytest.raises(ValueError, match="'counting' is known already"):
        registry.register(COUNTING)


def test_of_several_tasks_the_one_that_names_most_outputs(running, registered):
    narrow = Task("narrow", "a", frozenset({"score"}), type("M", (Methods,), {}), CountingMethods.count, view)
    registry.register(narrow)
    with Client(running.grpc_address, model="reverser") as client:
        assert registry.recognise(client.metadata()) is TRANSLATION
