"""The text that a translation is to begin with, encoded for a search."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.decoding.starts_with import NO_BYTE
from seqapp.special_ids import PAD_ID
from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import WHITESPACE
from seqapp.text.normalisation import normalise
from seqapp.text.subwords import Subwords
from seqapp.text.utf8 import repair_utf8

# Bytes of a last word that the search may spell with other tokens than the tokenizer.
LONGEST_OPEN_WORD = 32
_BYTES_OF_AN_ID = 64


class EncodedPrefix(NamedTuple):
    """Prefixes of N translations.

    Fields:
        ids: int32 [N, P], tokens of all complete words, PAD behind them.
        counts: int32 [N], number of these tokens.
        open_words: uint8 [N, R], the text after them, `NO_BYTE` behind it: the last word with the space
            before it, which the translation may continue; " " where whitespace ends the prefix; none where
            there is no prefix, and where the word has more than `LONGEST_OPEN_WORD` bytes (then its tokens
            are in `ids`).
    """

    ids: tf.Tensor
    counts: tf.Tensor
    open_words: tf.Tensor


def encode_prefix(text: tf.Tensor, subwords: Subwords, longest: int) -> EncodedPrefix:
    """Encodes prefixes string[N], any bytes, normalised as every text; at most `longest` ids.

    The tokens of a word that is cut inside differ from those of the whole word, which the model has learnt.
    So the last word is left to the search, see `starts_with`.
    """
    kept, _ = cut_to_bytes(text, longest * _BYTES_OF_AN_ID)
    spaced = _with_spaces(kept)
    word = tf.strings.regex_replace(spaced, r"^(?s:.*)( [^ ]*)$", r"\1")
    word = tf.where(tf.strings.length(word) > LONGEST_OPEN_WORD, "", word)
    size = tf.strings.length(spaced) - tf.strings.length(word)
    closed = tf.strings.substr(spaced, tf.zeros_like(size), size)
    ids = subwords.tokenizer.tokenize(closed)[:, :longest]
    return EncodedPrefix(ids.to_tensor(PAD_ID), tf.cast(ids.row_lengths(), tf.int32), _bytes(word))


def _with_spaces(text: tf.Tensor) -> tf.Tensor:
    """Normalised text with a space before it, and one behind it where whitespace ends the text."""
    normal = normalise(text)
    ends_in_space = tf.strings.regex_full_match(repair_utf8(text), f"(?s:.*)[{WHITESPACE}]")
    spaced = " " + normal + tf.where(ends_in_space, " ", "")
    return tf.where(tf.equal(normal, ""), "", spaced)


def _bytes(words: tf.Tensor) -> tf.Tensor:
    """uint8 [N, R], R the length of the longest."""
    sizes = tf.strings.length(words)
    width = tf.reduce_max(tf.concat([sizes, [0]], axis=0))
    raw = tf.io.decode_raw(words, tf.uint8, fixed_length=LONGEST_OPEN_WORD)[:, :width]
    return tf.where(tf.range(width) < sizes[:, tf.newaxis], raw, NO_BYTE)
