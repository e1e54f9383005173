"""A constraint that makes results begin with given text."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.decoding.constraints import Constraint
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.special_ids import EOS_ID

# Padding of byte arrays; UTF-8 never has this byte.
NO_BYTE = 255
_SPACE = ord(" ")


class TokenBytes(NamedTuple):
    """The text of each token of a vocabulary.

    Fields:
        bytes: uint8 [V, L], the first L bytes, `NO_BYTE` behind them.
        lengths: int32 [V], number of these bytes; 0 for tokens without text.
    """

    bytes: Any
    lengths: Any


def starts_with(
    texts: tf.Tensor,
    first: tf.Tensor,
    tokens: TokenBytes,
    others: Sequence[Constraint] = (),
    byte_cost: float = 0.0,
) -> Constraint:
    """Excludes ids whose text, joined to that of the hypothesis, does not agree with the given text.

    Which tokens spell the text is up to the search. The last of them may go on beyond the text, so that a
    text which ends inside a word is continued by the tokens of the whole word. EOS is excluded until the
    text is complete; a space at its end is not needed for that.

    Args:
        texts: uint8 [B, R], at most as long as the bytes of a token are kept (L), `NO_BYTE` behind them.
        first: int32 [B], the position of a hypothesis where the text begins.
        tokens: text of all tokens.
        others: constraints that apply to hypotheses whose text is complete.
        byte_cost: subtracted from the logits for each byte of the text that is still missing after an id:
            what it will cost to spell it, in natural logarithms. A greedy choice would else prefer ids of few
            bytes, since the improbable ones come later; beam search needs no estimate.
    """
    tokens = TokenBytes(*map(tf.convert_to_tensor, tokens))
    sizes = tf.reduce_sum(tf.cast(tf.not_equal(texts, NO_BYTE), tf.int32), axis=1)
    wanted = tf.reduce_any(sizes > 0)

    def ahead(spelt: tf.Tensor) -> tf.Tensor | float:
        """float32 [N, V], the cost of the bytes that are missing after each id."""
        if not byte_cost:
            return 0.0
        missing = tf.reshape(sizes[:, tf.newaxis] - spelt, [-1, 1]) - tokens.lengths
        return byte_cost * tf.cast(tf.maximum(missing, 0), tf.float32)

    def constraint(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        free = logits
        for other in others:
            free = other(free, ids, t)

        def restricted() -> tf.Tensor:
            spelt = _spelt(ids, t, first, tokens)
            missing = (t >= first)[:, tf.newaxis] & (spelt < sizes[:, tf.newaxis])
            return tf.cond(
                tf.reduce_any(missing),
                lambda: tf.where(
                    tf.reshape(missing, [-1, 1]),
                    tf.where(_agrees(texts, spelt, tokens), logits - ahead(spelt), LARGE_NEGATIVE),
                    free,
                ),
                lambda: free,
            )

        return tf.cond(wanted, restricted, lambda: free)

    return constraint


def _spelt(ids: tf.Tensor, t: tf.Tensor, first: tf.Tensor, tokens: TokenBytes) -> tf.Tensor:
    """int32 [B, K], bytes of the ids from `first` on."""
    places = tf.range(tf.shape(ids)[2])
    counted = (places >= first[:, tf.newaxis]) & (places < t)
    lengths = tf.gather(tokens.lengths, ids)
    return tf.reduce_sum(tf.where(counted[:, tf.newaxis], lengths, 0), axis=2)


def _agrees(texts: tf.Tensor, spelt: tf.Tensor, tokens: TokenBytes) -> tf.Tensor:
    """bool [N, V], tokens that continue the text after its first `spelt` bytes int32 [B, K]."""
    length = tf.minimum(tf.shape(texts)[1], tf.shape(tokens.bytes)[1])
    padded = tf.pad(texts, [[0, 0], [0, length]], constant_values=NO_BYTE)
    places = tf.minimum(spelt, tf.shape(texts)[1])[:, :, tf.newaxis] + tf.range(length)
    rest = tf.reshape(tf.gather(padded, places, batch_dims=1), [-1, length])
    own = tokens.bytes[:, :length]
    either_ends = tf.equal(own, NO_BYTE) | tf.equal(rest, NO_BYTE)[:, tf.newaxis]
    same = tf.reduce_all(tf.equal(own, rest[:, tf.newaxis]) | either_ends, axis=2)
    same &= tokens.lengths > 0
    only_a_space = tf.equal(rest[:, 0], _SPACE) & tf.reduce_all(tf.equal(rest[:, 1:], NO_BYTE), axis=1)
    is_eos = tf.equal(tf.range(tf.shape(own)[0]), EOS_ID)
    return same | (only_a_space[:, tf.newaxis] & is_eos)
