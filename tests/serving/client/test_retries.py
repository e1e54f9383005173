"""Asking again: only when UNAVAILABLE, and only within the deadline."""

import pytest

from serving.client import Client, DeadlineError, RequestRefusedError, UnavailableError
from serving.client.errors import error_for
from serving.client.operations import Retries

_REPLY = {"translation": ["b"], "score": [-1.0]}


class ScriptedWire:
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


def client_of(wire, **options):
    retries = Retries(attempts=3, first_pause=0.01)
    return Client("", model="m", wire=wire, retries=retries, **options)


def test_unavailable_is_asked_again():
    wire = ScriptedWire("UNAVAILABLE", "UNAVAILABLE")
    assert client_of(wire).translate(["a"])[0].text == "b"
    assert len(wire.calls) == 3


def test_attempts_end():
    wire = ScriptedWire(*["UNAVAILABLE"] * 5)
    with pytest.raises(UnavailableError):
        client_of(wire).translate(["a"])
    assert len(wire.calls) == 3


@pytest.mark.parametrize(
    ("code", "kind"), [("INVALID_ARGUMENT", RequestRefusedError), ("DEADLINE_EXCEEDED", DeadlineError)]
)
def test_other_errors_are_not(code, kind):
    wire = ScriptedWire(code)
    with pytest.raises(kind):
        client_of(wire).translate(["a"])
    assert [call.kind for call in wire.calls].count("predict") == 1


def test_the_deadline_covers_all_attempts():
    wire = ScriptedWire("UNAVAILABLE", "UNAVAILABLE")
    client_of(wire, timeout=5).translate(["a"])
    timeouts = [call.timeout for call in wire.calls]
    assert timeouts == sorted(timeouts, reverse=True)
    assert timeouts[0] <= 5


def test_no_pause_goes_beyond_the_deadline():
    wire = ScriptedWire(*["UNAVAILABLE"] * 5)
    slow = Retries(attempts=5, first_pause=10, longest_pause=10)
    with pytest.raises(UnavailableError):
        Client("", model="m", wire=wire, retries=slow, timeout=1).translate(["a"])
    assert len(wire.calls) == 1
