"""Both wires against a real server: results, order, bad input, errors."""

import asyncio

import pytest

from serving.client import (
    AsyncClient,
    Client,
    DeadlineError,
    Explanation,
    InputTensor,
    ModelNotFoundError,
    RequestRefusedError,
    Score,
    SearchOptions,
    Translation,
    UnavailableError,
)
from serving.client.operations import RetryPolicy


@pytest.fixture(params=["grpc", "rest"])
def address(request, server):
    return server.grpc_address if request.param == "grpc" else f"http://{server.rest_address}"


@pytest.fixture
def client(address):
    with Client(address, model="reverser") as one:
        yield one


def test_answers_come_in_request_order(client):
    assert client.translate(["a b", "하나 둘 셋", "x"]) == [
        Translation("b a", -3 / 8),
        Translation("셋 둘 하나", -14 / 8),
        Translation("x", -1 / 8),
    ]


def test_no_texts_are_not_asked(client):
    assert client.translate([]) == client.explain([]) == client.alternatives([]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("   ", ""),
        ("ሰላም ዓለም", "ዓለም ሰላም"),
        ("🙂 \u0001", "\u0001 🙂"),
        (b"\xff\xfe ok", "ok \ufffd\ufffd"),
        ('quote " back \\ slash /', '/ slash \\ back " quote'),
    ],
)
def test_unusual_texts(client, text, expected):
    assert client.translate([text])[0].text == expected


def test_a_hundred_thousand_characters(client):
    text = "낱말 word " * 12_500
    assert client.translate([text])[0].text == " ".join(reversed(text.split()))


def test_a_batch_with_an_empty_row(client):
    assert [t.text for t in client.translate(["a b", "", "c d"])] == ["b a", "", "d c"]


def test_alternatives_are_best_first(client):
    ((first, second),) = client.alternatives(["a b"])
    assert (first.text, second.text) == ("b a", "a b")
    assert first.score > second.score


def test_explanations_carry_no_padding(client):
    long, short = client.explain(["a b c", "x"])
    assert long.alignment == ((0, 0, 1), (0, 1, 0), (1, 0, 0), (0, 0, 0))
    assert short == Explanation("x", -1 / 8, ("x",), ("x", "</s>"), ((1.0,), (0.0,)), False)


def test_options_for_all_texts_or_each_its_own(client):
    same = SearchOptions(max_length=1, temperature=0.5, seed=7)
    assert client.translate(["a b", "c d"], options=same) == [Translation("b", 6.5), Translation("d", 6.5)]
    each = [SearchOptions(), SearchOptions(length_penalty=1.0, max_length=2)]
    assert client.translate(["a b c", "d e f"], options=each) == [
        Translation("c b a", -1.0),
        Translation("f e", 1.0),
    ]
    with pytest.raises(ValueError, match="got 1 for 2 texts"):
        client.translate(["a", "b"], options=[SearchOptions()])


def test_scores_of_given_translations(client):
    first, second = client.score(["a b", "a"], ["b x", "a"])
    assert first == Score(-1.0, -0.5, ("b", "x"), (0.0, -1.0))
    assert second == Score(0.0, 0.0, ("a",), (0.0,))
    with pytest.raises(ValueError, match="got 0 for 1 texts"):
        client.score(["a"], [])


def test_stream_keeps_order_and_reads_lazily(client):
    read = []

    def texts():
        for number in range(25):
            read.append(number)
            yield f"{number} n"

    stream = client.translate_stream(texts(), batch_size=4, in_flight=2)
    assert next(stream).text == "n 0"
    assert len(read) <= 12
    assert [t.text for t in stream] == [f"n {number}" for number in range(1, 25)]


def test_any_signature_by_columns(client):
    reply = client.predict({"steps": InputTensor("int32", [1, 3])}, signature="busy")
    assert reply == {"done": [3, 3], "asked": [1, 3]}


def test_status(client):
    (version,) = client.status()
    assert (version.version, version.state, version.error) == (1, "AVAILABLE", "")


def test_a_deadline_is_kept(client):
    with pytest.raises(DeadlineError, match="did not answer within"):
        client.predict({"steps": InputTensor("int32", [2**31 - 1])}, signature="busy", timeout=0.3)


def test_an_unknown_model(address):
    with Client(address, model="nobody") as client, pytest.raises(ModelNotFoundError, match="nobody"):
        client.translate(["a"])


def test_a_wrong_input_name(client):
    with pytest.raises(RequestRefusedError, match="text") as caught:
        client.predict({"words": InputTensor("string", ["a"])})
    assert caught.value.code == "INVALID_ARGUMENT"


def test_one_text_is_not_a_list(client):
    with pytest.raises(TypeError, match="list of texts"):
        client.translate("abc")


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_nobody_there(scheme, free_port):
    quick = RetryPolicy(attempts=2, first_pause=0.01)
    with (
        Client(f"{scheme}127.0.0.1:{free_port()}", model="m", retries=quick) as client,
        pytest.raises(UnavailableError, match="make serve"),
    ):
        client.translate(["a"])


def test_the_asynchronous_client_says_the_same(address):
    async def ask():
        async with AsyncClient(address, model="reverser") as client:
            many = await asyncio.gather(*(client.translate([f"{n} x"]) for n in range(8)))
            streamed = [t.text async for t in client.translate_stream(["a b"] * 5, batch_size=2)]
            explained = await client.explain(["a b"])
            scores = await client.score(["a b"], ["b a"])
            n_best = await client.alternatives(["a b"])
            steps = {"steps": InputTensor("int32", [2**31 - 1])}
            with pytest.raises(DeadlineError):
                await client.predict(steps, signature="busy", timeout=0.2)
            assert scores[0].log_probability == 0.0
            return many, streamed, explained, n_best, await client.status()

    many, streamed, explained, n_best, status = asyncio.run(ask())
    assert [[t.text for t in row] for row in many] == [[f"x {n}"] for n in range(8)]
    assert streamed == ["b a"] * 5
    assert explained[0].target_tokens == ("b", "a", "</s>")
    assert [t.text for t in n_best[0]] == ["b a", "a b"]
    assert status[0].state == "AVAILABLE"


def test_a_wrong_address_is_named():
    with pytest.raises(ValueError, match="HOST:PORT"):
        Client("localhost", model="m")


def test_inputs_without_a_dtype_are_refused_with_the_remedy(server):
    with (
        Client(server.grpc_address, model="reverser") as client,
        pytest.raises(
            TypeError, match=r"inputs\['text'\]: expected a InputTensor, got list; give InputTensor\('string'"
        ),
    ):
        client.predict({"text": ["a b"]})


def test_an_export_that_says_so_says_which_texts_were_cut():
    class OneReply:
        address = "script"

        def call(self, call):
            if call.signature == "alternatives":
                return {"translations": [["x", ""]], "scores": [[-1.0, -1e9]], "truncated": [True]}
            return {"translation": ["x", "y"], "score": [-1.0, -2.0], "truncated": [False, True]}

    client = Client("", model="m", transport=OneReply())
    assert client.translate(["a", "b"]) == [Translation("x", -1.0), Translation("y", -2.0, truncated=True)]
    assert client.alternatives(["a"]) == [[Translation("x", -1.0, truncated=True)]]
