"""Asking again: only when UNAVAILABLE, and only within the deadline."""

import time

import pytest

from serving.client import Client, DeadlineError, RequestRefusedError, UnavailableError
from serving.client.errors import error_for
from serving.client.operations import RetryPolicy

_REPLY = {"translation": ["b"], "score": [-1.0]}


class ScriptedTransport:
    """Fails as told, then answers."""

    address = "script"

    def __init__(self, *codes):
        self.codes = list(codes)
        self.calls = []

    def call(self, call):
        self.calls.append(call)
        if call.kind == "metadata":
            raise error_for("NOT_FOUND", "scripted", self.address)
        if self.codes:
            raise error_for(self.codes.pop(0), "scripted", self.address)
        return _REPLY

    def close(self):
        pass


def client_of(transport, **options):
    retries = RetryPolicy(attempts=3, first_pause=0.01)
    return Client("", model="m", transport=transport, retries=retries, **options)


def test_unavailable_is_asked_again():
    transport = ScriptedTransport("UNAVAILABLE", "UNAVAILABLE")
    assert client_of(transport).translate(["a"])[0].text == "b"
    assert len(transport.calls) == 3


def test_attempts_end():
    transport = ScriptedTransport(*["UNAVAILABLE"] * 5)
    with pytest.raises(UnavailableError):
        client_of(transport).translate(["a"])
    assert len(transport.calls) == 3


@pytest.mark.parametrize(
    ("code", "kind"), [("INVALID_ARGUMENT", RequestRefusedError), ("DEADLINE_EXCEEDED", DeadlineError)]
)
def test_other_errors_are_not(code, kind):
    transport = ScriptedTransport(code)
    with pytest.raises(kind):
        client_of(transport).translate(["a"])
    assert [call.kind for call in transport.calls].count("predict") == 1


def test_the_deadline_covers_all_attempts():
    transport = ScriptedTransport("UNAVAILABLE", "UNAVAILABLE")
    client_of(transport, timeout=5).translate(["a"])
    timeouts = [call.timeout for call in transport.calls]
    assert timeouts == sorted(timeouts, reverse=True)
    assert timeouts[0] <= 5


def test_the_question_what_the_model_is_keeps_the_deadline_too():
    class Slow(ScriptedTransport):
        def call(self, call):
            time.sleep(0.1)
            return super().call(call)

    transport = Slow("INVALID_ARGUMENT")
    with pytest.raises(RequestRefusedError):
        client_of(transport, timeout=60).translate(["a"], timeout=5)
    first, second = [call.timeout for call in transport.calls]
    assert 0 < second <= first - 0.1 <= 4.9


def test_old_names_are_the_new_classes():
    from serving import client

    assert client.Column is client.InputTensor
    assert client.words_of is client.merge_tokens_into_words


def test_no_pause_goes_beyond_the_deadline():
    transport = ScriptedTransport(*["UNAVAILABLE"] * 5)
    slow = RetryPolicy(attempts=5, first_pause=10, longest_pause=10)
    with pytest.raises(UnavailableError):
        Client("", model="m", transport=transport, retries=slow, timeout=1).translate(["a"])
    assert len(transport.calls) == 1
