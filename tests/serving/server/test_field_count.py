"""The bound on the fields of a message that is not parsed yet."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_serving.apis import predict_pb2

from serving.server.rpc.field_count import check_field_count
from serving.server.status import Code, ServingError


@pytest.mark.parametrize("field", [b"\x1a\x00", b"\x1a\x01a", b"\x08\x81\x01", b"\x0d1234", b"\x0912345678"])
def test_ten_thousand_fields_of_any_wire_type_pass_and_no_more(field):
    check_field_count(field * 10_000)
    with pytest.raises(ServingError, match="more than 10000 inputs") as caught:
        check_field_count(field * 10_001)
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_a_large_message_of_many_fields_is_refused_at_once():
    begun = time.monotonic()
    with pytest.raises(ServingError):
        check_field_count(b"\x12\x02\x0a\x00" * 2**22)
    assert time.monotonic() - begun < 0.5


_INPUTS = st.dictionaries(st.text(max_size=5), st.binary(max_size=50), max_size=20)


@given(_INPUTS, st.lists(st.text(max_size=3)))
def test_requests_pass(inputs, names):
    request = predict_pb2.PredictRequest(output_filter=names)
    for name, content in inputs.items():
        request.inputs[name].tensor_content = content
    check_field_count(request.SerializeToString())


@given(st.binary(max_size=200))
def test_what_is_no_message_passes(message):
    check_field_count(message)
