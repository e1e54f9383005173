"""Subword tokens and their byte offsets as spans of the text that a person sees."""

from typing import NamedTuple

import tensorflow as tf


class TokenSpans(NamedTuple):
    """Tokens string[B, T], first byte and byte after the last int32[B, T], weights float32[B, T].

    Padding is "", 0, 0 and 0.
    """

    tokens: tf.Tensor
    begin: tf.Tensor
    end: tf.Tensor
    weights: tf.Tensor


def token_spans(text: tf.Tensor, begin: tf.Tensor, end: tf.Tensor, weights: tf.Tensor) -> TokenSpans:
    """The pieces that cover some of the text, each with its bytes.

    Several pieces of one character (bytes of a rare one) become one token with the sum of their weights.

    Args:
        text: string[B].
        begin, end: int32[B, S], as of `Subwords.offsets`.
        weights: float32[B, S].
    """
    covers = end > begin
    count = tf.reduce_sum(tf.cast(covers, tf.int32), axis=1, keepdims=True)
    # A piece without bytes of its own goes with the next that has some, at the end with the last.
    place = tf.cumsum(tf.cast(covers, tf.int32), axis=1, exclusive=True)
    place = tf.minimum(place, tf.maximum(count - 1, 0))
    width = tf.maximum(tf.reduce_max(count), 1)
    summed = tf.einsum("bs,bst->bt", weights, tf.one_hot(place, width))
    begin, end = (
        tf.pad(dense, [[0, 0], [0, width - tf.shape(dense)[1]]])
        for dense in (tf.ragged.boolean_mask(side, covers).to_tensor() for side in (begin, end))
    )
    real = tf.sequence_mask(count[:, 0], width)
    whole = tf.broadcast_to(text[:, tf.newaxis], tf.shape(begin))
    return TokenSpans(tf.strings.substr(whole, begin, end - begin), begin, end, tf.where(real, summed, 0.0))
