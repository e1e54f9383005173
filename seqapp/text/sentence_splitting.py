"""Sentence splitting and joining of translations, in graph."""

import tensorflow as tf

from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import WHITESPACE
from seqapp.text.sentence_ends import MARK, RULES
from seqapp.text.utf8 import repair_utf8

_BYTES_OF_A_SENTENCE = 512
_OUTER_WHITESPACE = f"^[{WHITESPACE}]+|[{WHITESPACE}]+$"


def split_sentences(text: tf.Tensor, most: int) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.Tensor]:
    """Rule-based sentence boundary detection.

    A sentence ends at a stop before whitespace (a wide stop, ``。``, before any character) and at an empty
    line. It does not end before a lower-case letter on the same line, nor after abbreviations, initials,
    ordinals, list numbers, an ellipsis or error values (``#NUM!``). A single line break is whitespace
    (wrapped text).

    Joining each sentence and its separator gives the stripped text.

    Args:
        text: string[B], any bytes; invalid UTF-8 becomes U+FFFD, the noncharacter U+FDD0 is removed.
        most: maximum number of sentences per text; only the first 512 bytes per sentence are read.

    Returns:
        sentences, ragged string [B, (n)], one "" for whitespace-only text; separators, ragged string
        [B, (n)]: the text after each sentence, "" after the last one of an uncut text; bool[B]: whether the
        text was cut.
    """
    kept, unread = cut_to_bytes(text, most * _BYTES_OF_A_SENTENCE)
    marked = tf.strings.regex_replace(repair_utf8(kept), MARK, "")
    marked = tf.strings.regex_replace(marked, _OUTER_WHITESPACE, "")
    for pattern, replacement in RULES:
        marked = tf.strings.regex_replace(marked, pattern, replacement)
    parts = tf.strings.split(marked, MARK)
    blanks = _map(parts, f"^([{WHITESPACE}]*)(?s:.*)$", r"\1")
    sentences = _map(parts, f"^[{WHITESPACE}]+", "")
    after = tf.concat([blanks[:, 1:], tf.fill([tf.shape(text)[0], 1], "")], axis=1)
    return sentences[:, :most], after[:, :most], unread | (parts.row_lengths() > most)


def join_sentences(sentences: tf.RaggedTensor, separators: tf.RaggedTensor) -> tf.Tensor:
    """Join sentences, or their translations, with their separators.

    An empty separator is replaced by a space, unless the sentence ends with a wide stop.

    Args:
        sentences, separators: ragged string [B, (n)] of the same row lengths.

    Returns:
        string[B], stripped.
    """
    first, between = sentences.flat_values, separators.flat_values
    wide = tf.strings.regex_full_match(first, "(?s:.*)[。！？｡]")
    between = tf.where(tf.equal(between, "") & ~wide, " ", between)
    joined = tf.strings.reduce_join(sentences.with_flat_values(first + between), axis=1)
    return tf.strings.regex_replace(joined, _OUTER_WHITESPACE, "")


def _map(parts: tf.RaggedTensor, pattern: str, replacement: str) -> tf.RaggedTensor:
    return tf.ragged.map_flat_values(
        tf.strings.regex_replace, parts, pattern, replacement, replace_global=False
    )
