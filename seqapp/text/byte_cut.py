"""The first bytes of a text, in graph: so that the length of a request bounds no work."""

import tensorflow as tf

from seqapp.text.character_classes import BLANK, INVISIBLE

_LONGEST_CHARACTER = 4


def cut_to_bytes(text: tf.Tensor, longest: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Cuts each text to at most `longest` bytes, between two characters of UTF-8.

    Args:
        text: string[B], any bytes.
        longest: bytes, at least 4.

    Returns:
        string[B], and bool[B]: whether anything but blanks and invisible characters was cut off.
    """
    size = tf.strings.length(text)
    kept = tf.strings.substr(text, tf.zeros_like(size), _boundary(text, size, longest))
    begin = tf.strings.length(kept)
    rest = tf.strings.substr(text, begin, size - begin)
    return kept, ~tf.strings.regex_full_match(rest, f"[{BLANK}{INVISIBLE}]*")


def _boundary(text: tf.Tensor, size: tf.Tensor, longest: int) -> tf.Tensor:
    """int32[B]: the last place up to `longest` before which no character begins that ends after it."""
    first = longest + 1 - _LONGEST_CHARACTER
    around = tf.strings.substr(text, tf.minimum(first, size), tf.fill(tf.shape(size), _LONGEST_CHARACTER))
    around = tf.io.decode_raw(around, tf.uint8, fixed_length=_LONGEST_CHARACTER)[:, ::-1]
    # A character goes on at these bytes, counted backwards from the one after the cut.
    goes_on = tf.cast((around >= 0x80) & (around < 0xC0), tf.int32)
    back = tf.reduce_sum(tf.math.cumprod(goes_on, axis=1), axis=1)
    # Four in a row are no UTF-8: such bytes may be cut anywhere.
    back = tf.where(back == _LONGEST_CHARACTER, 0, back)
    return tf.where(size > longest, longest - back, size)
