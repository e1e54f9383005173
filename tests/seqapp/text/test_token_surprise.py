"""Natural logarithms in, bits out: a probability of 1/2 is one bit."""

import math

import pytest

from seqapp.text.token_surprise import token_surprise

HALF, QUARTER, EIGHTH = (math.log(p) for p in (1 / 2, 1 / 4, 1 / 8))


@pytest.mark.parametrize(
    ("text", "tokens", "expected"),
    [
        ("", [], []),
        ("ab c", [(0, 2, HALF), (2, 4, EIGHTH)], [(0, 2, 1), (2, 4, 3)]),
        # Byte tokens of 저 (3 bytes): the last one has all bytes, the others none.
        (
            "a저b",
            [(0, 1, HALF), (1, 1, HALF), (1, 1, QUARTER), (1, 4, EIGHTH), (4, 5, HALF)],
            [(0, 1, 1), (1, 4, 6), (4, 5, 1)],
        ),
        # Tokens that divide the bytes of 저 among themselves.
        ("저장", [(0, 1, HALF), (1, 3, HALF), (3, 6, QUARTER)], [(0, 3, 2), (3, 6, 2)]),
        # The token of the space before every text has no byte.
        ("저", [(0, 0, HALF), (0, 3, QUARTER)], [(0, 3, 3)]),
        # A text that was cut inside 장.
        ("저장", [(0, 3, HALF), (3, 3, HALF)], [(0, 3, 1), (3, 3, 1)]),
    ],
)
def test_tokens_are_joined_to_whole_characters(text, tokens, expected):
    found = token_surprise(text.encode(), tokens)
    assert [(one.begin, one.end, round(one.bits, 9)) for one in found] == expected


def test_bytes_that_are_not_utf8():
    found = token_surprise(b"\xff \x80", [(0, 1, HALF), (1, 3, HALF)])
    assert [one[:2] for one in found] == [(0, 1), (1, 3)]


def test_a_token_of_probability_0_has_infinite_bits():
    assert token_surprise(b"a", [(0, 1, -math.inf)])[0].bits == math.inf


def test_offsets_outside_of_the_text_stay_in_it():
    found = token_surprise(b"abc", [(-5, 2, HALF), (1, 9, HALF), (7, 8, HALF), (2, -1, HALF)])
    assert [one[:2] for one in found] == [(0, 2), (2, 3), (3, 3)]
