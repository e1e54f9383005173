"""Request bodies, read in RapidJSON's dialect by both parsers."""

import contextlib
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.server.rest.json_parser import parse_bytes
from serving.server.rest.json_reader import read_json, read_object
from serving.server.rest.pretty_writer import debug_text, quoted
from serving.server.status import ServingError

# What a parser gives: no surrogates, except for bytes that are not UTF-8.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.binary(max_size=8).map(
    lambda data: data.decode("utf-8", "surrogateescape")
)
_SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | _TEXTS
_VALUES = st.recursive(
    _SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(_TEXTS, v, max_size=4), max_leaves=12
)


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


@given(_VALUES)
def test_what_is_written_is_read_back_by_both_parsers(value):
    body = debug_text(value, limit=10**6).encode("utf-8", "surrogateescape")
    assert same(parse_bytes(body), value)
    assert same(read_json(body), value)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_value_or_an_error(body):
    with contextlib.suppress(ServingError):
        read_json(body)


@given(st.text(alphabet='[]{}",:\\u0dD89ab1e+-.tfn Inf', max_size=40).map(str.encode))
def test_both_parsers_agree_on_what_is_wrong(body):
    def outcome(read):
        try:
            return debug_text(read(body))
        except ServingError as wrong:
            return wrong.message

    if body.strip():
        assert outcome(read_json) == outcome(parse_bytes)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[NaN, Inf, -Inf, Infinity]", [math.nan, math.inf, -math.inf, math.inf]),
        (b'{"a": 1} and then some', {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"\xff\\u00e9"', "\udcff\u00e9"),
        (rb'"\ud83d\ude42"', "🙂"),
        (b"18446744073709551616", 18446744073709551616.0),
        (b"1e-999", 0.0),
    ],
)
def test_the_dialect(body, value):
    assert same(parse_bytes(body), value)
    if not isinstance(value, float) or value < 1e10:
        assert same(read_json(body), value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The document is empty"),
        (b"  ", "The document is empty. at offset: 2"),
        (b'{"a": tru}', "Invalid value. at offset: 7"),
        (b'{"a" 1}', "Missing a colon after a name of object member. at offset: 5"),
        (b"{1}", "Missing a name for object member. at offset: 1"),
        (b"[1 2]", "Missing a comma or ] after an array element. at offset: 3"),
        (b'{"a":1 "b":2}', "Missing a comma or } after an object member. at offset: 7"),
        (rb'"\x"', "Invalid escape character in string. at offset: 1"),
        (rb'"\ud800"', "The surrogate pair in string is invalid. at offset: 1"),
        (rb'"\u12g4"', "Incorrect hex digit after \\u escape in string. at offset: 1"),
        (b'"abc', "Missing a closing quotation mark in string. at offset: 0"),
        (b'"a\nb"', "Invalid encoding in string. at offset: 2"),
        (b"1e999", "Number too big to be stored in double. at offset: 0"),
        (b"1.", "Miss fraction part in number. at offset: 2"),
        (b"1e", "Miss exponent in number. at offset: 2"),
    ],
)
def test_errors_name_the_offset(body, message):
    with pytest.raises(ServingError) as caught:
        read_json(body)
    assert caught.value.message == f"JSON Parse error: {message}"


def test_depth_costs_neither_stack_nor_time():
    deep = b"[" * 100_000 + b"]" * 100_000
    value = read_json(b'{"x": ' + deep + b"}")
    assert debug_text(value, limit=10**6).count("[") == 100_000


@pytest.mark.parametrize(
    "value",
    [
        "가" * 10**6,
        [1.5] * 10**6,
        {"key" * 10**5: 1},
        {str(number): number for number in range(10**5)},
        read_json(b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    ],
)
def test_what_an_error_shows_of_a_value_is_bounded(value):
    begun = time.monotonic()
    shown = debug_text(value)
    assert shown.endswith("...TRUNCATED")
    assert len(shown.encode()) <= 1012
    assert time.monotonic() - begun < 1


def test_what_an_error_shows_of_a_small_value_is_whole():
    assert debug_text({"a": ["가", None]}) == '{\n    "a": ["가", null]\n}'
    assert debug_text("x" * 998) == f'"{"x" * 998}"'
    assert debug_text("x" * 999) == f'"{"x" * 999}...TRUNCATED'


def test_a_body_of_brackets_is_given_up_in_time():
    begun = time.monotonic()
    with pytest.raises(ServingError, match="Nested deeper than"):
        read_json(b'{"x": ' + b"[" * 5_000_000)
    assert time.monotonic() - begun < 20


def test_only_objects_are_requests():
    with pytest.raises(ServingError, match=r"JSON Value: \[1, 2\] Is not object"):
        read_object(b"[1, 2]")


def test_strings_escape_what_json_demands():
    assert quoted('"\\/\b\f\n\r\t\x01é한') == '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001é한"'
