import functools

import numpy as np
import pytest
import tensorflow as tf

from seqapp.text.utf8 import NEXT_BYTES, open_bytes, open_character


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", b""),
        (b"a", b""),
        ("저".encode(), b""),
        ("저".encode()[:1], b"\xec"),
        ("저".encode()[:2], b"\xec\xa0"),
        (b"Save " + "저장".encode()[:5], "장".encode()[:2]),
        ("😀".encode()[:3], "😀".encode()[:3]),
        ("é".encode()[:1], b"\xc3"),
        (b"\xff", b""),
        (b"\xa0", b""),
        (b"a\xa0\xa0", b""),
        (b"\xe0\x80", b""),  # an overlong form, which no character begins with
        (b"\xed\xa0", b""),  # a surrogate
        (b"\xf4\x90\x80", b""),  # beyond U+10FFFF
    ],
)
def test_the_incomplete_character_at_the_end(text, expected):
    assert open_bytes(tf.constant([text])).numpy()[0] == expected


def is_prefix(tail):
    """Whether bytes are the beginning of a character, by Python's own decoder."""
    try:
        tail.decode()
    except UnicodeDecodeError as error:
        return error.start == 0 and error.reason == "unexpected end of data"
    return False


def test_all_sequences_of_two_and_their_next_bytes_are_as_in_python():
    pairs = np.array([(first, second) for first in range(256) for second in range(256)], np.int32)
    last = np.stack([pairs[:, 1], pairs[:, 0], np.full(len(pairs), -1)], axis=1)
    found = open_character(tf.constant(last, tf.int32))
    for (first, second), length, number in zip(pairs.tolist(), *map(np.array, found), strict=True):
        tails = [bytes([second]), bytes([first, second])]
        assert length == next((len(tail) for tail in tails[::-1] if is_prefix(tail)), 0)
        if length:
            tail = tails[length - 1]
            low, high = NEXT_BYTES[number]
            assert _following(tail) == (low, high), tail


@functools.cache
def _following(tail):
    """The least and the greatest byte that goes on with the beginning of a character."""
    found = [byte for byte in range(256) if _goes_on(tail + bytes([byte]))]
    return found[0], found[-1]


def _goes_on(tail):
    try:
        tail.decode()
    except UnicodeDecodeError:
        return is_prefix(tail)
    return len(tail.decode()) == 1
