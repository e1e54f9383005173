"""The one normalisation of text, in graph, for training and serving alike.

In this order: invalid UTF-8 becomes U+FFFD; what is invisible goes, but for joiners, variation selectors
and tags that belong to an emoji or to a letter of a cursive script; NFKC (Hangul of any normal form becomes
syllables); each run of blanks, tabs and line breaks of any kind becomes one blank; none stays at the ends.
Applied twice it changes nothing more.

Source: Unicode Standard Annex 15 (NFKC) and 44 (White_Space), Technical Standard 51 (emoji sequences).
"""

import tensorflow as tf
import tensorflow_text

from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import BLANK, INVISIBLE, MEANINGFUL
from seqapp.text.offsets import (
    SourceOffsets,
    before_repair,
    before_spelling_out,
    before_splicing,
    character_starts,
)
from seqapp.text.utf8 import repair_utf8

_INVISIBLE = f"({MEANINGFUL})|[{INVISIBLE}]+"
# A blank alone is no match: there is one after every word.
_BLANKS = rf"[{BLANK}]{{2,}}|[{BLANK.replace(' ', '')}]"


def normalise(text: tf.Tensor, longest_bytes: int | None = None) -> tf.Tensor:
    """Text as subwords and linear model read it.

    Args:
        text: string[B], any bytes.
        longest_bytes: cut each text to so many bytes first; None takes it whole.

    Returns:
        string[B], well-formed UTF-8; "" for blank text.
    """
    if longest_bytes is not None:
        text, _ = cut_to_bytes(text, longest_bytes)
    visible = tf.strings.regex_replace(repair_utf8(text), _INVISIBLE, r"\1")
    composed = tensorflow_text.normalize_utf8(visible, "NFKC")
    return tf.strings.strip(tf.strings.regex_replace(composed, _BLANKS, " "))


def normalise_with_offsets(
    text: tf.Tensor, longest_bytes: int | None = None
) -> tuple[tf.Tensor, SourceOffsets]:
    """As `normalise`, and where each byte of the result came from.

    What left no trace (an invisible character, all but the first of several blanks) belongs to the
    character before it. Of several characters that came from one (``ﬁ`` → ``fi``) the last has its bytes.

    Args: as of `normalise`.

    Returns:
        string[B], equal to ``normalise(text, longest_bytes)``, and its `SourceOffsets` into `text`.
    """
    if longest_bytes is not None:
        text, _ = cut_to_bytes(text, longest_bytes)
    # The op that splits reads no further than to a NUL.
    repaired = tf.strings.regex_replace(repair_utf8(text), r"\x{00}", "\x01")
    seen = tensorflow_text.regex_split_with_offsets(repaired, _INVISIBLE, MEANINGFUL)
    visible = tf.strings.reduce_join(seen[0], axis=1)
    composed, edits = tensorflow_text.normalize_utf8_with_offsets_map(visible, "NFKC")
    words = tensorflow_text.regex_split_with_offsets(composed, _BLANKS, _BLANKS)
    spaced = tf.strings.reduce_join(
        tf.ragged.map_flat_values(tf.strings.regex_replace, words[0], _BLANKS, " "), axis=1
    )
    starts = character_starts(spaced)
    sources = before_splicing(starts, words, _BLANKS)
    sources = before_spelling_out(sources, edits)
    sources = before_splicing(sources, seen)
    leading = tf.cast(tf.strings.regex_full_match(spaced, " .*"), tf.int32)
    offsets = SourceOffsets(starts - leading[:, tf.newaxis], before_repair(text, sources))
    return tf.strings.strip(spaced), offsets
