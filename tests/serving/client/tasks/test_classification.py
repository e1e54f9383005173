"""Both wires and both clients against a real server of a classifier."""

import asyncio
import math

import pytest

from serving.client import (
    AsyncClient,
    Classification,
    Client,
    Ranking,
    Reasons,
    RequestRefusedError,
    UnexpectedReplyError,
    WeightedSpan,
)
from serving.client.errors import error_for


@pytest.fixture(params=["grpc", "rest"])
def address(request, both_tasks):
    return both_tasks.grpc_address if request.param == "grpc" else f"http://{both_tasks.rest_address}"


@pytest.fixture
def client(address):
    with Client(address, model="sentiment") as one:
        yield one


def near(probability):
    return pytest.approx(probability, abs=1e-6)


def sigmoid(odds):
    return 1 / (1 + math.exp(-odds))


def test_labels_come_in_request_order(client):
    assert client.classify(["a good day", "bad", "정말 좋아요", ""]) == [
        Classification("positive", near(sigmoid(1.5))),
        Classification("negative", near(sigmoid(2.0))),
        Classification("positive", near(sigmoid(1.5))),
        Classification("positive", near(0.5)),
    ]


def test_probabilities_are_best_first(client):
    short, long = client.probabilities(["bad", "좋아 " * 9])
    assert [one.label for one in short.classes] == ["negative", "positive", "no opinion"]
    assert [one.probability for one in short.classes] == [near(sigmoid(2.0)), near(sigmoid(-2.0)), near(0.0)]
    assert isinstance(long, Ranking)
    assert (short.truncated, long.truncated) == (False, True)


def test_reasons_carry_no_padding(client):
    long, short, empty = client.explain_label(["so good 좋아", "bad", ""])
    assert long == Reasons(
        "positive",
        near(sigmoid(3.0)),
        (
            WeightedSpan("so", 0, 2, 0.0),
            WeightedSpan(" goo", 2, 6, 1.5),
            WeightedSpan("d", 6, 7, 0.0),
            WeightedSpan(" 좋아", 7, 14, 1.5),
        ),
        False,
    )
    assert short.tokens == (WeightedSpan("bad", 0, 3, 2.0),)
    assert empty.tokens == ()


@pytest.mark.parametrize(
    "text",
    ["저장 하기", "🙂👩‍👩‍👧 ok", "e\u0301te\u0301 a\u0308", "a  b \n\t c", "\u0001\x1b[31m", b"\xff\xfe g"],
)
def test_offsets_are_bytes_of_the_text(client, text):
    (reasons,) = client.explain_label([text])
    data = text if isinstance(text, bytes) else text.encode()
    assert [data[t.begin : t.end].decode("utf-8", "replace") for t in reasons.tokens] == [
        t.text for t in reasons.tokens
    ]
    assert reasons.tokens[0].begin == 0
    assert all(a.end == b.begin for a, b in zip(reasons.tokens, reasons.tokens[1:], strict=False))


def test_a_long_text_is_said_to_be_cut(client):
    (reasons,) = client.explain_label(["낱말 word " * 10_000])
    assert reasons.truncated
    assert len(reasons.tokens) == 8


def test_no_texts_are_not_asked(client):
    assert client.classify([]) == client.probabilities([]) == client.explain_label([]) == []


def test_one_text_is_not_a_list(client):
    for method in (client.classify, client.probabilities, client.explain_label):
        with pytest.raises(TypeError, match="list of texts"):
            method("good")


def test_stream_keeps_order_and_reads_lazily(client):
    read = []

    def texts():
        for number in range(25):
            read.append(number)
            yield "bad" if number % 3 else "good"

    stream = client.classify_stream(texts(), batch_size=4, in_flight=2)
    assert next(stream).label == "positive"
    assert len(read) <= 12
    assert [one.label for one in stream] == ["negative" if n % 3 else "positive" for n in range(1, 25)]


def test_the_asynchronous_client_says_the_same(address, client):
    texts = ["good", "싫어요 정말", "🙂"]

    async def ask():
        async with AsyncClient(address, model="sentiment") as one:
            streamed = [c async for c in one.classify_stream(texts * 3, batch_size=2)]
            return (
                await one.classify(texts),
                await one.probabilities(texts),
                await one.explain_label(texts),
                streamed,
            )

    labels, rankings, reasons, streamed = asyncio.run(ask())
    assert labels == client.classify(texts)
    assert rankings == client.probabilities(texts)
    assert reasons == client.explain_label(texts)
    assert streamed == labels * 3


def test_a_model_of_another_task_says_what_it_is(address, client):
    translator_is = r"The model is a translator: ask it with translate\(\), alternatives\(\), "
    with Client(address, model="reverser") as translator:
        found = r"score, translation, truncated .* 'label'\. "
        with pytest.raises(UnexpectedReplyError, match=found + translator_is):
            translator.classify(["a"])
        with pytest.raises(UnexpectedReplyError, match=translator_is):
            translator.explain_label(["a"])
        with pytest.raises(RequestRefusedError, match="probabilities.*" + translator_is):
            translator.probabilities(["a"])
    for method in (client.translate, client.explain):
        with pytest.raises(UnexpectedReplyError, match=r"has no 'translation'.*a classifier.*classify\(\)"):
            method(["a"])


class OneReply:
    """Answers every request with the same columns, and says nothing about the model."""

    address = "script"

    def __init__(self, **columns):
        self.columns = columns

    def call(self, call):
        if call.kind != "predict":
            raise error_for("UNIMPLEMENTED", "scripted", self.address)
        return self.columns

    def close(self):
        pass


EXPLAINED = {
    "label": ["x"],
    "probability": [0.5],
    "tokens": [["a", "b"]],
    "begin": [[0, 1]],
    "end": [[1, 2]],
    "weights": [[0.5, 1.0]],
    "truncated": [False],
}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"end": [[1, 3]]}, "bytes 1 to 3 of a text of 2 bytes"),
        ({"begin": [[0, 0]]}, "bytes 0 to 2 of a text of 2 bytes, after byte 1"),
        ({"begin": [[-1, 1]]}, "bytes -1 to 1"),
        ({"weights": [[0.5]]}, "differ in length"),
        ({"weights": [[0.5, 1.0], [0.0, 0.0]]}, "2 rows for 1 texts"),
    ],
)
def test_replies_that_cannot_be_are_refused(wrong, message):
    def ask(columns):
        return Client("", model="m", transport=OneReply(**columns)).explain_label(["ab"])

    assert ask(EXPLAINED)[0].tokens[1] == WeightedSpan("b", 1, 2, 1.0)
    with pytest.raises(UnexpectedReplyError, match=message):
        ask(EXPLAINED | wrong)


def test_labels_without_probabilities_are_refused():
    transport = OneReply(labels=[["x", "y"]], probabilities=[[1.0]], truncated=[False])
    with pytest.raises(UnexpectedReplyError, match="2 labels came with 1 probabilities"):
        Client("", model="m", transport=transport).probabilities(["a"])


def test_an_export_that_says_so_says_which_texts_were_cut():
    transport = OneReply(label=["x", "y"], probability=[1.0, 0.5], truncated=[False, True])
    assert Client("", model="m", transport=transport).classify(["a", "b"]) == [
        Classification("x", 1.0, False),
        Classification("y", 0.5, True),
    ]
