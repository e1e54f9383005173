"""Truncation of texts to their first or last bytes, in graph, to bound the work per text."""

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
    return kept, _is_visible(rest)


def cut_to_last_bytes(text: tf.Tensor, longest: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Cut each text to at most `longest` bytes at its end, at a UTF-8 character boundary.

    Args: same as `cut_to_bytes`.

    Returns:
        string[B], and bool[B]: whether visible characters were cut off.
    """
    size = tf.strings.length(text)
    begin = tf.maximum(size - longest, 0)
    around = tf.strings.substr(text, begin, tf.fill(tf.shape(size), _LONGEST_CHARACTER))
    after = _leading_continuation(tf.io.decode_raw(around, tf.uint8, fixed_length=_LONGEST_CHARACTER))
    begin += tf.where(begin > 0, after, 0)
    unread = tf.strings.substr(text, tf.zeros_like(size), begin)
    return tf.strings.substr(text, begin, size - begin), _is_visible(unread)


def _is_visible(text: tf.Tensor) -> tf.Tensor:
    return ~tf.strings.regex_full_match(text, f"[{WHITESPACE}{INVISIBLE}]*")


def _leading_continuation(around: tf.Tensor) -> tf.Tensor:
    """Return int32[B]: leading continuation bytes of uint8 [B, 4]; four are not UTF-8 and count 0."""
    continuation = tf.cast((around >= 0x80) & (around < 0xC0), tf.int32)
    count = tf.reduce_sum(tf.math.cumprod(continuation, axis=1), axis=1)
    return tf.where(count == _LONGEST_CHARACTER, 0, count)


def _boundary(text: tf.Tensor, size: tf.Tensor, longest: int) -> tf.Tensor:
    """Return int32[B]: the last character boundary at or before `longest`."""
    first = longest + 1 - _LONGEST_CHARACTER
    around = tf.strings.substr(text, tf.minimum(first, size), tf.fill(tf.shape(size), _LONGEST_CHARACTER))
    around = tf.io.decode_raw(around, tf.uint8, fixed_length=_LONGEST_CHARACTER)[:, ::-1]
    # Counted backwards from the byte after the cut.
    return tf.where(size > longest, longest - _leading_continuation(around), size)
