"""The limit on the fields of a message that is not parsed yet."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_serving.apis import classification_pb2, predict_pb2

from serving.server.rpc import field_count
from serving.server.rpc.field_count import check_field_count
from serving.server.status import Code, ServingError

PREDICT = predict_pb2.PredictRequest.DESCRIPTOR
CLASSIFY = classification_pb2.ClassificationRequest.DESCRIPTOR
FIELDS = [b"\x1a\x00", b"\x1a\x01a", b"\x08\x81\x01", b"\x0d1234", b"\x0912345678"]


def nested(content, *numbers):
    """`content` as a length-delimited field in a field in a field …, the outermost number first."""
    for number in reversed(numbers):
        length, size = len(content), b""
        while length > 0x7F:
            size += bytes([length & 0x7F | 0x80])
            length >>= 7
        content = bytes([number << 3 | 2]) + size + bytes([length]) + content
    return content


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(field_count, "_MOST_FIELDS", 100)
    monkeypatch.setattr(field_count, "_SMALL", 20)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("field", FIELDS)
def test_fields_of_any_wire_type_count(field):
    check_field_count(field * 100, PREDICT)
    with pytest.raises(ServingError, match="more than 100 inputs") as caught:
        check_field_count(field * 101, PREDICT)
    assert caught.value.code is Code.INVALID_ARGUMENT


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (PREDICT, [2]),  # inputs
        (PREDICT, [2, 2, 2]),  # the dimensions of a tensor
        (PREDICT, [2, 2]),  # its values
        (CLASSIFY, [2, 1]),  # examples
        (CLASSIFY, [2, 2]),  # with a context
    ],
)
def test_fields_of_nested_messages_count(kind, path):
    check_field_count(nested(b"\x42\x00" * (100 - len(path)), *path), kind)
    with pytest.raises(ServingError):
        check_field_count(nested(b"\x42\x00" * (101 - len(path)), *path), kind)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("path", [[3], [2, 1], [2, 2, 4], [2, 2, 5], [2, 2, 8], [9]])
def test_bytes_strings_and_packed_numbers_are_one_field(path):
    check_field_count(nested(b"\x42\x00" * 1000, *path), PREDICT)


def test_a_message_of_too_many_fields_is_refused_soon():
    begun = time.monotonic()
    with pytest.raises(ServingError):
        check_field_count(nested(b"\x42\x00" * 2**24, 2, 2), PREDICT)
    assert time.monotonic() - begun < 5


@pytest.mark.usefixtures("small_limits")
@given(st.binary(max_size=200))
def test_what_is_no_message_passes_or_is_refused(message):
    with suppress(ServingError):
        check_field_count(message, PREDICT)
