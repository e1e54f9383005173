"""Truncation of texts to a number of bytes, in graph, to bound the work per text."""

import tensorflow as tf

from seqapp.text.character_classes import INVISIBLE, WHITESPACE

_LONGEST_CHARACTER = 4


def cut_to_bytes(text: tf.Tensor, longest: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Cut each text to at most `longest` bytes, at a UTF-8 character boundary.

    Args:
        text: string[B], any bytes.
        longest: maximum number of bytes, at least 4.

    Returns:
        string[B], and bool[B]: whether visible characters were cut off.
    """
    size = tf.strings.length(text)
    kept = tf.strings.substr(text, tf.zeros_like(size), _boundary(text, size, longest))
    begin = tf.strings.length(kept)
    rest = tf.strings.substr(text, begin, size - begin)
    return kept, ~tf.strings.regex_full_match(rest, f"[{WHITESPACE}{INVISIBLE}]*")


def _boundary(text: tf.Tensor, size: tf.Tensor, longest: int) -> tf.Tensor:
    """Return int32[B]: the last character boundary at or before `longest`."""
    first = longest + 1 - _LONGEST_CHARACTER
    around = tf.strings.substr(text, tf.minimum(first, size), tf.fill(tf.shape(size), _LONGEST_CHARACTER))
    around = tf.io.decode_raw(around, tf.uint8, fixed_length=_LONGEST_CHARACTER)[:, ::-1]
    # Continuation bytes, counted backwards from the byte after the cut.
    continuation = tf.cast((around >= 0x80) & (around < 0xC0), tf.int32)
    back = tf.reduce_sum(tf.math.cumprod(continuation, axis=1), axis=1)
    # Four in a row are not UTF-8 and may be cut anywhere.
    back = tf.where(back == _LONGEST_CHARACTER, 0, back)
    return tf.where(size > longest, longest - back, size)
