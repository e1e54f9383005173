"""Texts with marks in the place of missing tokens, in graph: their ids, and the marks replaced by tokens."""

from typing import NamedTuple

import numpy as np
import sentencepiece
import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.special_ids import EOS_ID, MASK_ID, PAD_ID
from seqapp.tasks.masked_words import chosen_tokens, padded_to
from seqapp.text.byte_cut import cut_to_bytes
from seqapp.text.character_classes import WHITESPACE
from seqapp.text.normalisation import normalise
from seqapp.text.subwords import BYTES_OF_AN_ID, Subwords
from seqapp.text.utf8 import repair_utf8

MARK = "[MASK]"
_SPACE_MARK = "▁"


class MarkedIds(NamedTuple):
    """Texts with marks as ids.

    Fields:
        ids: int32 [B, T], `MASK_ID` for a mark, EOS last, padded on the right.
        truncated: bool [B], whether the text was cut.
        places: int32 [B, M], positions of the marks that were read; M is 1 at least.
        counts: int32 [B], number of them.
        begins: bool [B, M], whether a token that begins a word belongs there: after a space, or first.
    """

    ids: tf.Tensor
    truncated: tf.Tensor
    places: tf.Tensor
    counts: tf.Tensor
    begins: tf.Tensor


def encode_marked(text: tf.Tensor, subwords: Subwords, longest: int, by_character: bool) -> MarkedIds:
    """Encode the text between the marks as `Subwords.encode_within` does, with `MASK_ID` for each mark.

    Args:
        text: string[B], any bytes.
        subwords: the vocabulary.
        longest: maximum number of ids, EOS included.
        by_character: a space is a token of its own.
    """
    text, unread = cut_to_bytes(text, longest * BYTES_OF_AN_ID)
    parts = tf.strings.split(text, MARK)
    index = tf.ragged.range(parts.row_lengths()).values
    last = tf.equal(index + 1, tf.gather(parts.row_lengths(), parts.value_rowids()))
    spelt, begins = _spelt(parts.values, tf.equal(index, 0), last, by_character)
    ids = tf.concat(
        [subwords.tokenizer.tokenize(spelt), tf.where(last, EOS_ID, MASK_ID)[:, tf.newaxis]], axis=1
    )
    ids = tf.RaggedTensor.from_row_splits(ids, parts.row_splits).merge_dims(1, 2)
    kept = tf.concat([ids[:, :-1][:, : longest - 1], ids[:, -1:]], axis=1).to_tensor(PAD_ID)
    found = chosen_tokens(kept, tf.equal(kept, MASK_ID))
    of_marks = tf.ragged.boolean_mask(parts.with_values(begins), parts.with_values(~last))
    return MarkedIds(
        kept,
        unread | (ids.row_lengths() > longest),
        found.places,
        tf.cast(tf.reduce_sum(found.weights, axis=1), tf.int32),
        padded_to(of_marks, tf.shape(found.places)[1]),
    )


def _spelt(
    part: tf.Tensor, first: tf.Tensor, last: tf.Tensor, by_character: bool
) -> tuple[tf.Tensor, tf.Tensor]:
    """What the tokenizer reads of each part between marks, and whether a mark after it begins a word."""
    repaired, normal = repair_utf8(part), normalise(part)
    empty = tf.equal(normal, "")
    space_before = first | tf.strings.regex_full_match(repaired, rf"(?s)[{WHITESPACE}].*")
    space_after = tf.strings.regex_full_match(repaired, rf"(?s).*[{WHITESPACE}]")
    begins = space_after | (first & empty)
    spelt = tf.where(space_before & ~empty, " ", "") + normal
    if not by_character:
        return spelt, begins
    # The space before a mark is a token.
    return spelt + tf.where(begins & ~last, " ", ""), begins


def replaced_marks(text: tf.Tensor, tokens: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """The texts with their first marks replaced; further marks, and all other text, stay.

    Args:
        text: string[B], any bytes.
        tokens: string [B, M], texts for the marks.
        counts: int32 [B], how many marks are replaced.

    Returns:
        string[B], well-formed UTF-8.
    """
    parts = tf.strings.split(text, MARK)
    row = tf.cast(parts.value_rowids(), tf.int32)
    mark = tf.cast(tf.ragged.range(parts.row_lengths()).values, tf.int32) - 1
    place = tf.clip_by_value(mark, 0, tf.shape(tokens)[1] - 1)
    found = tf.where(
        mark < tf.gather(counts, row), tf.gather_nd(tokens, tf.stack([row, place], axis=1)), MARK
    )
    joined = parts.with_values(tf.where(mark < 0, "", found) + parts.values)
    return repair_utf8(tf.strings.reduce_join(joined, axis=1))


class FillingTokens:
    """The tokens that may stand in the place of a mark, and their text.

    Byte tokens, which are no text alone, are left out. By characters, all others may stand everywhere.
    Otherwise those with a space before them belong after a space, the others after a letter, as far as there
    are any.

    Args:
        subwords: the vocabulary.
        by_character: a space is a token of its own.

    Attributes:
        fewest: the number of tokens that may stand in a place of either kind.
    """

    def __init__(self, subwords: Subwords, by_character: bool) -> None:
        processor = sentencepiece.SentencePieceProcessor(model_proto=subwords.model)
        pieces = [processor.id_to_piece(token) for token in range(subwords.size)]
        alone = np.array([not _is_special(processor, token) for token in range(subwords.size)])
        begins = np.array([piece.startswith(_SPACE_MARK) for piece in pieces])
        bare = np.array([piece == _SPACE_MARK for piece in pieces])
        sides = [alone, alone] if by_character else [alone & ~begins, alone & begins & ~bare]
        # A vocabulary of a script without spaces may have no token of one kind.
        allowed = [one if one.any() else alone for one in sides]
        self.fewest = int(min(one.sum() for one in allowed))
        self._penalties = np.where(np.stack(allowed), 0.0, LARGE_NEGATIVE).astype(np.float32)
        self._by_character = by_character

    def log_probabilities(self, logits: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
        """float32 [B, M, V] of logits [B, M, V], of the tokens that may stand there; begins: bool [B, M]."""
        return tf.nn.log_softmax(logits + tf.gather(self._penalties, tf.cast(begins, tf.int32)))

    def text(self, pieces: tf.Tensor) -> tf.Tensor:
        """The text of pieces string [B, M] in the place of a mark, whose space before it stays."""
        return tf.strings.regex_replace(pieces, _SPACE_MARK, " " if self._by_character else "")


def _is_special(processor: sentencepiece.SentencePieceProcessor, token: int) -> bool:
    return processor.is_control(token) or processor.is_unknown(token) or processor.is_byte(token)
