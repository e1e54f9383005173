"""The last word of a given text, which a search may spell with other tokens than the tokenizer.

The tokens of a word that is cut inside differ from those of the whole word, which a model has learnt.
"""

import tensorflow as tf

from seqapp.decoding.starts_with import NO_BYTE
from seqapp.text.character_classes import WHITESPACE
from seqapp.text.normalisation import normalise
from seqapp.text.utf8 import repair_utf8

# Longer words keep the tokens of the tokenizer.
LONGEST_OPEN_WORD = 32  # bytes


def with_spaces(text: tf.Tensor) -> tf.Tensor:
    """Normalised string[N] with a space before it, and one behind it where whitespace ends the text."""
    normal = normalise(text)
    ends_in_space = tf.strings.regex_full_match(repair_utf8(text), f"(?s:.*)[{WHITESPACE}]")
    spaced = " " + normal + tf.where(ends_in_space, " ", "")
    return tf.where(tf.equal(normal, ""), "", spaced)


def with_one_last_space(text: tf.Tensor) -> tf.Tensor:
    """string[N] with one space in place of the whitespace at its end, so that a cut keeps what is before."""
    return tf.strings.regex_replace(text, f"[{WHITESPACE}]+$", " ")


def split_last_word(spaced: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """What is before the last word of `with_spaces`, and the word with its space; string[N] each."""
    word = tf.strings.regex_replace(spaced, r"^(?s:.*)( [^ ]*)$", r"\1")
    size = tf.strings.length(spaced) - tf.strings.length(word)
    return tf.strings.substr(spaced, tf.zeros_like(size), size), word


def word_bytes(words: tf.Tensor) -> tf.Tensor:
    """uint8 [N, R] of string[N] of at most `LONGEST_OPEN_WORD` bytes, R the length of the longest."""
    sizes = tf.strings.length(words)
    width = tf.reduce_max(tf.concat([sizes, [0]], axis=0))
    raw = tf.io.decode_raw(words, tf.uint8, fixed_length=LONGEST_OPEN_WORD)[:, :width]
    return tf.where(tf.range(width) < sizes[:, tf.newaxis], raw, NO_BYTE)
