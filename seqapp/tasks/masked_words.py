"""Masks of whole words, in graph: which tokens are predicted, and what the network reads in their place.

Source: Devlin et al. 2019, "BERT", section 3.1 and appendix A.1; whole words as in its authors' later models.
"""

from typing import NamedTuple

import numpy as np
import sentencepiece
import tensorflow as tf

from seqapp.special_ids import MASK_ID, UNK_ID
from seqapp.text.subwords import Subwords

# Longer words, and texts without spaces, are split into parts of so many tokens.
_MOST_TOKENS = 8
_MASKED, _MASKED_OR_RANDOM = 0.8, 0.9
# Every n-th word is masked in one pass, so n passes predict each word once, near the rate of training.
PASSES = 7
_SPACE = "▁"


class ChosenTokens(NamedTuple):
    """Tokens to predict.

    Fields:
        places: int32 [B, P], their positions; 0 in padding.
        ids: int32 [B, P], the tokens there.
        weights: float32 [B, P], 1.0; 0.0 in padding.
    """

    places: tf.Tensor
    ids: tf.Tensor
    weights: tf.Tensor


def word_begins(subwords: Subwords) -> np.ndarray:
    """bool [V]: which tokens begin with a space."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=subwords.model)
    return np.array([processor.id_to_piece(token).startswith(_SPACE) for token in range(subwords.size)])


def word_numbers(ids: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
    """The number of the word that each token belongs to, from 0 in each text; of a long word, of its part.

    Args:
        ids: int32 [B, T], padded on the right; special tokens are words of their own.
        begins: bool [V], of `word_begins`.

    Returns:
        int32 [B, T].
    """
    rows, width = tf.shape(ids)[0], tf.shape(ids)[1]
    position = tf.broadcast_to(tf.range(width), [rows, width])
    starts = tf.gather(begins, ids) | (ids <= UNK_ID) | tf.equal(position, 0)
    words = tf.cumsum(tf.cast(starts, tf.int32), axis=1) - 1 + tf.range(rows)[:, tf.newaxis] * width
    first = tf.math.unsorted_segment_min(position, words, rows * width)
    offset = position - tf.gather(first, words)
    return tf.cumsum(tf.cast(tf.equal(offset % _MOST_TOKENS, 0), tf.int32), axis=1) - 1


def random_words(ids: tf.Tensor, numbers: tf.Tensor, rate: float, seed: tf.Tensor) -> tf.Tensor:
    """bool [B, T]: the tokens of words that are drawn with the probability `rate`; special tokens never.

    Args:
        ids: int32 [B, T].
        numbers: int32 [B, T], of `word_numbers`.
        rate: in (0, 1).
        seed: int64 [2], for `tf.random.stateless_uniform`.
    """
    draws = tf.random.stateless_uniform(tf.shape(ids), seed)
    return (tf.gather(draws, numbers, batch_dims=1) < rate) & (ids > UNK_ID)


def every_word_once(ids: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
    """bool [PASSES, B, T]: every `PASSES`-th word, from another one in each pass; no special tokens.

    Args: same as `random_words`.
    """
    passes = tf.range(PASSES)[:, tf.newaxis, tf.newaxis]
    return tf.equal(numbers % PASSES, passes) & (ids > UNK_ID)


def replaced_tokens(ids: tf.Tensor, chosen: tf.Tensor, vocabulary_size: int, seed: tf.Tensor) -> tf.Tensor:
    """Ids with the chosen tokens replaced: 80 % by `MASK_ID`, 10 % by a random token, 10 % by themselves.

    Args:
        ids: int32 [B, T].
        chosen: bool [B, T].
        vocabulary_size: V.
        seed: int64 [2], for `tf.random.stateless_uniform`.
    """
    first = UNK_ID + 1
    shape = tf.shape(ids)
    draws = tf.random.stateless_uniform(tf.concat([[2], shape], axis=0), seed)
    drawn = first + tf.cast(draws[1] * (vocabulary_size - first), tf.int32)
    drawn = tf.minimum(drawn, vocabulary_size - 1)  # the product may be rounded up
    kept_or_drawn = tf.where(draws[0] < _MASKED_OR_RANDOM, drawn, ids)
    return tf.where(chosen, tf.where(draws[0] < _MASKED, MASK_ID, kept_or_drawn), ids)


def chosen_tokens(ids: tf.Tensor, chosen: tf.Tensor, step: int = 1) -> ChosenTokens:
    """The chosen tokens of each row, in order.

    Args:
        ids: int32 [B, T].
        chosen: bool [B, T].
        step: P is a multiple of it, so that there are few distinct shapes.
    """
    position = tf.broadcast_to(tf.range(tf.shape(ids)[1]), tf.shape(ids))
    found = tf.ragged.boolean_mask(position, chosen)
    counts = tf.cast(found.row_lengths(), tf.int32)
    width = tf.maximum(tf.reduce_max(counts), 1)
    width += -width % step
    places = padded_to(found, width)
    weights = tf.sequence_mask(counts, width, tf.float32)
    return ChosenTokens(places, tf.gather(ids, places, batch_dims=1), weights)


def padded_to(values: tf.RaggedTensor, width: tf.Tensor) -> tf.Tensor:
    """The values of each row [B, width], cut or padded with zeros."""
    dense = values.to_tensor()[:, :width]
    return tf.pad(dense, [[0, 0], [0, width - tf.shape(dense)[1]]])
