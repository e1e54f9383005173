"""A served masked language model, as the client and `query` ask it."""

import io

import numpy as np
import pytest
from rich.console import Console

from serving.client import Client, Filling, MaskedToken, RequestRefusedError, UnexpectedReplyError, query
from serving.client.tasks.masked_language_modelling import _marks
from serving.client.tasks.masked_language_modelling_view import FILLINGS
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from tests.support.tasks import small_masked_model, write_version

TEXTS = ["Save [MASK] file.", "", "no mark", "x[MASK][MASK] 파일을 [MASK]", "[MASK] " * 100]
ANSWER = Filling("Save it", ((MaskedToken("▁it", 0.75), MaskedToken("▁the", 0.25)),))


@pytest.fixture(scope="module")
def task():
    return small_masked_model(unit="character")


@pytest.fixture(scope="module")
def server(tmp_path_factory, task):
    base = tmp_path_factory.mktemp("models") / "masked"
    base.mkdir()
    write_version(task, base / "1")
    models = [ModelConfig("masked", str(base))]
    with EmbeddedServer(ServerOptions(models, grpc_port=0, rest_port=0)) as running:
        yield running


@pytest.fixture(params=["grpc", "rest"])
def client(request, server):
    address = {"grpc": server.grpc_address, "rest": f"http://{server.rest_address}"}[request.param]
    with Client(address, model="masked") as connected:
        yield connected


def test_it_fills_marks(client, task):
    found = client.fill(TEXTS)
    expected = task.answers_of(TEXTS)
    assert [one.text.encode() for one in found] == expected["filled"]
    assert [len(one.marks) for one in found] == [1, 0, 0, 3, 23 // 2]
    assert [one.truncated for one in found] == [False] * 4 + [True]
    (first,) = found[0].marks
    assert [one.token.encode() for one in first] == expected["tokens"][0][0].tolist()
    np.testing.assert_allclose([one.probability for one in first], expected["probabilities"][0][0], atol=1e-5)
    assert client.fill([]) == []


def test_bytes_that_are_not_utf_8(server):
    with Client(server.grpc_address, model="masked") as client:
        (found,) = client.fill([b"\xff [MASK]"])
    assert found.text.startswith("\ufffd ")


def test_it_embeds(client):
    assert np.array(client.embed(TEXTS)).shape == (5, 8)


@pytest.mark.parametrize("method", ["complete", "score_texts", "next_tokens", "complete_and_score"])
def test_methods_for_the_next_token_say_what_it_is(client, method):
    with pytest.raises(RequestRefusedError, match=r"is a masked language model: ask it with fill\(\)"):
        getattr(client, method)(["Save"])


def test_query_prints_the_filled_text(server, capsys, task):
    ports = ["--grpc", server.grpc_address, "--rest", server.rest_address]
    assert query.main(["--model", "masked", *ports, "Save [MASK] file."]) == 0
    filled = task.answers_of(["Save [MASK] file."])["filled"][0].decode()
    assert capsys.readouterr() == (f"{filled}\n", "")
    assert query.main(["--model", "masked", *ports, "--alternatives", "[MASK] [MASK]"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["1"] * 5 + ["2"] * 5


def test_a_terminal_shows_the_likeliest_tokens():
    screen = io.StringIO()
    FILLINGS.draw(Console(file=screen, width=60, highlight=False, markup=False), "Save [MASK]", ANSWER)
    assert screen.getvalue() == "Save it\nit 0.75  the 0.25\n"
    assert FILLINGS.lines(ANSWER) == ["Save it\n"]
    assert FILLINGS.same(ANSWER, Filling("Save it", ()))
    assert FILLINGS.lines(ANSWER.marks) == ["1\t0.7500\t▁it\n", "1\t0.2500\t▁the\n"]


def test_a_reply_of_other_sizes_is_refused():
    with pytest.raises(UnexpectedReplyError, match="differ in number"):
        _marks([["a", "b"]], [[0.5]])
