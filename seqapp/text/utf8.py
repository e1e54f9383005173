"""Repair of invalid UTF-8, in graph."""

import tensorflow as tf


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
