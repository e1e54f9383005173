"""The text that a translation is to begin with, encoded for a search."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.special_ids import PAD_ID
from seqapp.tasks.open_words import LONGEST_OPEN_WORD, split_last_word, with_spaces, word_bytes
from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.subwords import Subwords

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

    The last word is left to the search, see `starts_with`.
    """
    kept, _ = cut_to_bytes(text, longest * _BYTES_OF_AN_ID)
    spaced = with_spaces(kept)
    closed, word = split_last_word(spaced)
    is_long = tf.strings.length(word) > LONGEST_OPEN_WORD
    ids = subwords.tokenizer.tokenize(tf.where(is_long, spaced, closed))[:, :longest]
    counts = tf.cast(ids.row_lengths(), tf.int32)
    return EncodedPrefix(ids.to_tensor(PAD_ID), counts, word_bytes(tf.where(is_long, "", word)))
