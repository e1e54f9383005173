"""Repair of invalid UTF-8, and characters that are not complete, in graph."""

from typing import Any, NamedTuple

import tensorflow as tf

# Ranges of the byte that goes on with a character, by number; 0 where none is open. Number 1 is that of all
# bytes but the second of a character whose first byte is E0, ED, F0 or F4.
# Source: Unicode Standard 15.0, table 3-7 (well-formed byte sequences).
NEXT_BYTES = ((0, 0), (0x80, 0xBF), (0xA0, 0xBF), (0x80, 0x9F), (0x90, 0xBF), (0x80, 0x8F))
_SECOND_BYTES = {0xE0: 2, 0xED: 3, 0xF0: 4, 0xF4: 5}


def repair_utf8(text: tf.Tensor) -> tf.Tensor:
    """Replace each invalid byte sequence by U+FFFD.

    Args:
        text: string tensor of any shape, any bytes.

    Returns:
        String tensor of the same shape, well-formed UTF-8; well-formed input is unchanged.
    """
    return tf.strings.unicode_transcode(
        text, "UTF-8", "UTF-8", errors="replace", replacement_char=0xFFFD, replace_control_characters=False
    )


class OpenCharacter(NamedTuple):
    """The incomplete character at the end of some bytes.

    Fields:
        length: int32 [N], its bytes so far; 0 for none.
        next_bytes: int32 [N], index in `NEXT_BYTES` of the range of its next byte; 0 for none.
    """

    length: tf.Tensor
    next_bytes: tf.Tensor


def open_character(last: tf.Tensor) -> OpenCharacter:
    """The character that the last bytes begin and do not end.

    Args:
        last: int32 [N, 3], the last bytes, the last one first; -1 where there is none.
    """
    first, second, third = tf.unstack(last, axis=1)
    begins = _continuations(first) >= 1
    goes_on = (_continuations(second) >= 2) & _in_range(first, _range_after(second))
    goes_on_further = (
        (_continuations(third) >= 3) & _in_range(second, _range_after(third)) & _in_range(first, 1)
    )
    inside = goes_on | goes_on_further
    return OpenCharacter(
        tf.where(begins, 1, tf.where(goes_on, 2, tf.where(goes_on_further, 3, 0))),
        tf.where(begins, _range_after(first), tf.where(inside, 1, 0)),
    )


def open_bytes(text: tf.Tensor) -> tf.Tensor:
    """The bytes of the incomplete character at the end of string[N], string[N]; "" for none."""
    padded = tf.constant(b"\0\0\0") + text
    size = tf.strings.length(text)
    last = tf.strings.substr(padded, size, tf.fill(tf.shape(size), 3))
    raw = tf.cast(tf.io.decode_raw(last, tf.uint8, fixed_length=4)[:, :3], tf.int32)
    length = open_character(raw[:, ::-1]).length
    return tf.strings.substr(padded, size + 3 - length, length)


def _continuations(byte: tf.Tensor) -> tf.Tensor:
    """int32: how many bytes follow the first byte of a character; 0 for all other bytes."""
    counts = [(byte >= first) & (byte <= 0xF4) for first in (0xC2, 0xE0, 0xF0)]
    return tf.add_n([tf.cast(one, tf.int32) for one in counts])


def _range_after(byte: tf.Tensor) -> tf.Tensor:
    """int32: index in `NEXT_BYTES` of the second byte of a character with this first byte."""
    found = tf.ones_like(byte)
    for first, number in _SECOND_BYTES.items():
        found = tf.where(tf.equal(byte, first), number, found)
    return found


def _in_range(byte: tf.Tensor, number: Any) -> tf.Tensor:
    low, high = (tf.gather(tf.constant(bounds), number) for bounds in zip(*NEXT_BYTES, strict=True))
    return (byte >= low) & (byte <= high)
