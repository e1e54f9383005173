"""Prompts of a language model, encoded for a search."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.models.next_token_model import NextTokenModel
from seqapp.special_ids import BOS_ID, PAD_ID
from seqapp.tasks.open_words import (
    LONGEST_OPEN_WORD,
    split_last_word,
    with_one_last_space,
    with_spaces,
    word_bytes,
)
from seqapp.text.byte_cut import cut_to_last_bytes
from seqapp.text.subwords import Subwords
from seqapp.text.utf8 import open_bytes

_BYTES_OF_AN_ID = 64


class EncodedPrompt(NamedTuple):
    """Prompts of N completions.

    Fields:
        ids: int32 [N, P], BOS and the tokens of all complete words, PAD behind them.
        counts: int32 [N], number of these ids, at least 1.
        open_words: uint8 [N, R], the text after them, `NO_BYTE` behind it: the last word with the space
            before it, which the completion goes on with; " " where whitespace ends the prompt, and of an
            empty one, since every text is encoded with a space before it; of a word of more than
            `LONGEST_OPEN_WORD` bytes only an incomplete character at its end. Where tokens are whole words,
            the last word is a complete one, known or not.
        open_bytes: int32 [N], number of bytes of the open word; 0 for a space alone, which begins the next
            word.
        known: int32 [N], bytes of the open word that are no part of the completion: all but those of an
            incomplete character.
        truncated: bool [N], the beginning of the prompt was cut off.
    """

    ids: tf.Tensor
    counts: tf.Tensor
    open_words: tf.Tensor
    open_bytes: tf.Tensor
    known: tf.Tensor
    truncated: tf.Tensor


def encode_prompt(text: tf.Tensor, subwords: Subwords, longest: int) -> EncodedPrompt:
    """Encodes prompts string[N], any bytes, normalised as every text; the last `longest` ids, BOS included.

    The last word is left to the search, see `starts_with`, and so is a character whose last bytes are
    missing.
    """
    kept, unread = cut_to_last_bytes(with_one_last_space(text), longest * _BYTES_OF_AN_ID)
    spaced, incomplete = _spaced(kept, subwords.is_closed)
    closed, word = split_last_word(spaced)
    if subwords.is_closed:
        stays = tf.not_equal(word, " ")
    else:
        stays = tf.strings.length(word) + tf.strings.length(incomplete) > LONGEST_OPEN_WORD
    closed, word = tf.where(stays, spaced, closed), tf.where(stays, "", word)
    ids, counts, cut = _with_begin(subwords.tokenize(closed), longest)
    return EncodedPrompt(
        ids,
        counts,
        word_bytes(word + incomplete),
        tf.where(tf.equal(word, " "), 0, tf.strings.length(word)) + tf.strings.length(incomplete),
        tf.strings.length(word),
        unread | cut,
    )


class PromptTokens(NamedTuple):
    """All tokens of prompts, the last word as the tokenizer spells it.

    Fields:
        ids: int32 [N, P], BOS first, PAD on the right.
        counts: int32 [N], number of these ids, at least 1.
        truncated: bool [N], the beginning of the prompt was cut off.
    """

    ids: tf.Tensor
    counts: tf.Tensor
    truncated: tf.Tensor


def prompt_tokens(
    text: tf.Tensor, subwords: Subwords, byte_ids: tf.Tensor, longest: int, space_is_token: bool = False
) -> PromptTokens:
    """Encodes prompts string[N], any bytes, normalised as every text; the last `longest` ids, BOS included.

    Args:
        byte_ids: int32 [256], the id of each byte token, which spell an incomplete character at the end.
        space_is_token: whitespace at the end counts; else it belongs to the token that follows, and does not.
    """
    kept, unread = cut_to_last_bytes(with_one_last_space(text), longest * _BYTES_OF_AN_ID)
    spaced, incomplete = _spaced(kept, subwords.is_closed)
    ignored = tf.equal(text, "") if space_is_token else tf.equal(incomplete, "")
    whole = tf.where(ignored, tf.strings.regex_replace(spaced, " +$", ""), spaced)
    raw = tf.io.decode_raw(incomplete, tf.uint8, fixed_length=4)
    in_bytes = tf.RaggedTensor.from_tensor(
        tf.gather(byte_ids, tf.cast(raw, tf.int32)), lengths=tf.strings.length(incomplete)
    )
    ids = tf.concat([subwords.tokenize(whole), tf.cast(in_bytes, tf.int32)], axis=1)
    ids, counts, cut = _with_begin(ids, longest)
    return PromptTokens(ids, counts, unread | cut)


def read_all_but_last(model: NextTokenModel, ids: tf.Tensor, counts: tf.Tensor) -> Any:
    """The state of a model before the last id of each row; the other arguments as in `PromptTokens`."""
    return model.read(ids, counts - 1)


def last_id(ids: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """int32 [N], the last id of each row; the arguments as in `PromptTokens`."""
    return tf.gather(ids, counts - 1, batch_dims=1)


def _spaced(text: tf.Tensor, is_closed: bool) -> tuple[tf.Tensor, tf.Tensor]:
    """`with_spaces` of string[N], " " of an empty text, and the incomplete character behind it.

    A closed vocabulary cannot spell the character: it is part of the last word, which is unknown.
    """
    incomplete = tf.zeros_like(text) if is_closed else open_bytes(text)
    size = tf.strings.length(text) - tf.strings.length(incomplete)
    spaced = with_spaces(tf.strings.substr(text, tf.zeros_like(size), size))
    return tf.where(tf.equal(spaced, ""), " ", spaced), incomplete


def _with_begin(ids: tf.RaggedTensor, longest: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """BOS and the last ids of ragged int32 [N, (P)]: dense ids, counts int32 [N], whether some were cut."""
    cut = ids.row_lengths() > longest - 1
    ids = tf.concat([tf.fill([ids.nrows(), 1], BOS_ID), ids[:, 1 - longest :]], axis=1)
    return ids.to_tensor(PAD_ID), tf.cast(ids.row_lengths(), tf.int32), cut
