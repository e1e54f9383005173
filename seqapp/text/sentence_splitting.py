"""Splits texts into sentences and joins their translations, in graph."""

import tensorflow as tf

from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import BLANK
from seqapp.text.sentence_ends import MARK, RULES
from seqapp.text.utf8 import repair_utf8

_BYTES_OF_A_SENTENCE = 512
_BLANKS_AT_THE_ENDS = f"^[{BLANK}]+|[{BLANK}]+$"


def split_sentences(text: tf.Tensor, most: int) -> tuple[tf.RaggedTensor, tf.RaggedTensor, tf.Tensor]:
    """Sentence boundary detection by rules.

    A sentence ends at a stop before a blank (a wide one, ``。``, before anything) and at an empty line. It
    does not end before a small letter on the same line, nor after abbreviations, initials, ordinals, list
    numbers, an ellipsis, error values (``#NUM!``). A line break alone is a blank: wrapped text.

    Each sentence followed by its separator, all joined, is the text without the blanks at its ends.

    Args:
        text: string[B], any bytes; invalid UTF-8 becomes U+FFFD, the noncharacter U+FDD0 goes.
        most: sentences of a text, at most. Of each text the first 512 bytes per sentence are read.

    Returns:
        sentences, ragged string [B, (n)], one "" for blank text; separators, ragged string [B, (n)]: what
        stands after each, "" after the last of an uncut text; bool[B]: whether some of the text was cut
        off.
    """
    kept, unread = cut_to_bytes(text, most * _BYTES_OF_A_SENTENCE)
    marked = tf.strings.regex_replace(repair_utf8(kept), MARK, "")
    marked = tf.strings.regex_replace(marked, _BLANKS_AT_THE_ENDS, "")
    for pattern, replacement in RULES:
        marked = tf.strings.regex_replace(marked, pattern, replacement)
    parts = tf.strings.split(marked, MARK)
    blanks = _map(parts, f"^([{BLANK}]*)(?s:.*)$", r"\1")
    sentences = _map(parts, f"^[{BLANK}]+", "")
    after = tf.concat([blanks[:, 1:], tf.fill([tf.shape(text)[0], 1], "")], axis=1)
    return sentences[:, :most], after[:, :most], unread | (parts.row_lengths() > most)


def join_sentences(sentences: tf.RaggedTensor, separators: tf.RaggedTensor) -> tf.Tensor:
    """Puts sentences, or their translations, together again.

    Where nothing stood between two, one blank does, unless the first ends with a wide stop.

    Args:
        sentences, separators: ragged string [B, (n)] of the same row lengths.

    Returns:
        string[B], no blank at either end.
    """
    first, between = sentences.flat_values, separators.flat_values
    wide = tf.strings.regex_full_match(first, "(?s:.*)[。！？｡]")
    between = tf.where(tf.equal(between, "") & ~wide, " ", between)
    joined = tf.strings.reduce_join(sentences.with_flat_values(first + between), axis=1)
    return tf.strings.regex_replace(joined, _BLANKS_AT_THE_ENDS, "")


def _map(parts: tf.RaggedTensor, pattern: str, replacement: str) -> tf.RaggedTensor:
    return tf.ragged.map_flat_values(
        tf.strings.regex_replace, parts, pattern, replacement, replace_global=False
    )
