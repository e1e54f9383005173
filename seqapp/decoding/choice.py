"""What greedy search, beam search and sampling differ in: how a hypothesis goes on."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import tensorflow as tf

from seqapp.decoding.hypotheses import NO_SCORE, is_real
from seqapp.special_ids import EOS_ID


class Chosen(NamedTuple):
    """How the hypotheses of each row go on.

    Fields:
        ends: bool [B, K], hypotheses so far that EOS ends now.
        parents: int32 [B, K], which hypothesis so far each new one goes on from.
        tokens: int32 [B, K], its next id.
        log_probabilities: float32 [B, K], its log-probability with that id; `NO_SCORE` for none.
    """

    ends: tf.Tensor
    parents: tf.Tensor
    tokens: tf.Tensor
    log_probabilities: tf.Tensor


# pick(allowed float32 [N, V], own float32 [N, V], totals float32 [B, K], t int32) -> Chosen
#   allowed: log-probabilities of the next id as the constraints left them, which decide;
#   own: the model's, which count;
#   totals: log-probabilities of the hypotheses so far, `NO_SCORE` for none.
Pick = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], Chosen]


class Choice(Protocol):
    """How a search chooses among the next ids.

    A hypothesis that may not go on by any id ends, whether EOS is allowed or not.
    """

    @property
    def width(self) -> int:
        """K, the hypotheses of each row."""
        ...

    def picker(self, longest: tf.Tensor) -> Pick:
        """What the search calls at each step t < longest."""
        ...


def go_on_with(tokens: tf.Tensor, allowed: tf.Tensor, own: tf.Tensor, totals: tf.Tensor) -> Chosen:
    """The choice of one id int32 [B] for the only hypothesis of each row; arguments as of `Pick`."""
    stuck = ~is_real(tf.gather(allowed, tokens, batch_dims=1))
    ends = tf.equal(tokens, EOS_ID) | stuck
    new_totals = totals[:, 0] + tf.gather(own, tokens, batch_dims=1)
    return Chosen(
        ends[:, tf.newaxis],
        tf.zeros_like(totals, tf.int32),
        tokens[:, tf.newaxis],
        tf.where(ends, NO_SCORE, new_totals)[:, tf.newaxis],
    )
