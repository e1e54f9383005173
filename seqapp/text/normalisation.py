"""Text normalisation in graph, the same in training and serving.

In this order: invalid UTF-8 is replaced by U+FFFD; invisible characters are removed, except joiners,
variation selectors and tags that are part of an emoji or of a letter of a cursive script; NFKC (Hangul of any
normal form becomes syllables); whitespace of any kind is collapsed to one space and stripped. Idempotent.

Source: Unicode Standard Annex 15 (NFKC) and 44 (White_Space), Technical Standard 51 (emoji sequences).
"""

import tensorflow as tf
import tensorflow_text

from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import INVISIBLE, MEANINGFUL, WHITESPACE
from seqapp.text.offsets import (
    SourceOffsets,
    before_repair,
    before_spelling_out,
    before_splicing,
    character_starts,
)
from seqapp.text.utf8 import repair_utf8

_INVISIBLE = f"({MEANINGFUL})|[{INVISIBLE}]+"
# A single space is no match: there is one after every word.
_SPACES = rf"[{WHITESPACE}]{{2,}}|[{WHITESPACE.replace(' ', '')}]"


def normalise(text: tf.Tensor, longest_bytes: int | None = None) -> tf.Tensor:
    """Normalise texts for tokenizer and linear model.

    Args:
        text: string[B], any bytes.
        longest_bytes: cut each text to this number of bytes first; None for no cut.

    Returns:
        string[B], well-formed UTF-8; "" for whitespace-only text.
    """
    if longest_bytes is not None:
        text, _ = cut_to_bytes(text, longest_bytes)
    visible = tf.strings.regex_replace(repair_utf8(text), _INVISIBLE, r"\1")
    composed = tensorflow_text.normalize_utf8(visible, "NFKC")
    return tf.strings.strip(tf.strings.regex_replace(composed, _SPACES, " "))


def normalise_with_offsets(
    text: tf.Tensor, longest_bytes: int | None = None
) -> tuple[tf.Tensor, SourceOffsets]:
    """Normalise texts, with the source offset of each byte of the result.

    Removed characters (invisible ones, repeated spaces) belong to the character before them. If a character
    becomes several (``ﬁ`` → ``fi``), the last one has its bytes.

    Args: same as `normalise`.

    Returns:
        string[B], equal to ``normalise(text, longest_bytes)``, and its `SourceOffsets` into `text`.
    """
    if longest_bytes is not None:
        text, _ = cut_to_bytes(text, longest_bytes)
    # The split op stops at a NUL.
    repaired = tf.strings.regex_replace(repair_utf8(text), r"\x{00}", "\x01")
    seen = tensorflow_text.regex_split_with_offsets(repaired, _INVISIBLE, MEANINGFUL)
    visible = tf.strings.reduce_join(seen[0], axis=1)
    composed, edits = tensorflow_text.normalize_utf8_with_offsets_map(visible, "NFKC")
    words = tensorflow_text.regex_split_with_offsets(composed, _SPACES, _SPACES)
    spaced = tf.strings.reduce_join(
        tf.ragged.map_flat_values(tf.strings.regex_replace, words[0], _SPACES, " "), axis=1
    )
    starts = character_starts(spaced)
    sources = before_splicing(starts, words, _SPACES)
    sources = before_spelling_out(sources, edits)
    sources = before_splicing(sources, seen)
    leading = tf.cast(tf.strings.regex_full_match(spaced, " .*"), tf.int32)
    offsets = SourceOffsets(starts - leading[:, tf.newaxis], before_repair(text, sources))
    return tf.strings.strip(spaced), offsets
