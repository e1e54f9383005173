"""The interface of greedy search, beam search and sampling: how hypotheses are continued."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import tensorflow as tf

from seqapp.decoding.hypotheses import NONE, excluded_as_none, is_real
from seqapp.special_ids import EOS_ID


class Chosen(NamedTuple):
    """The continuations of the hypotheses of each row.

    Fields:
        ends: bool [B, K], hypotheses so far that EOS ends at this step.
        parents: int32 [B, K], index of the hypothesis that each new one continues.
        tokens: int32 [B, K], its next id.
        log_probabilities: float32 [B, K], its log-probability with that id; `NONE` without a hypothesis.
    """

    ends: tf.Tensor
    parents: tf.Tensor
    tokens: tf.Tensor
    log_probabilities: tf.Tensor


# pick(allowed float32 [N, V], own float32 [N, V], totals float32 [B, K], t int32) -> Chosen
#   allowed: log-probabilities of the next id after the constraints, see `excluded_as_none`; they decide;
#   own: log-probabilities of the model; they count;
#   totals: log-probabilities of the hypotheses so far, `NONE` without a hypothesis.
Pick = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], Chosen]


class Choice(Protocol):
    """How a search chooses the next ids: `Greedy`, `Beam` or `Sampling`.

    A hypothesis for which every id is excluded ends, whether EOS is allowed or not.
    """

    @property
    def width(self) -> int:
        """K, the hypotheses per row."""
        ...

    def picker(self, longest: tf.Tensor) -> Pick:
        """The function that the search calls at each step t < longest."""
        ...


def go_on_with(tokens: tf.Tensor, allowed: tf.Tensor, own: tf.Tensor, totals: tf.Tensor) -> Chosen:
    """Continues the only hypothesis of each row with the ids int32 [B]; other arguments as `Pick`."""
    stuck = ~is_real(excluded_as_none(tf.gather(allowed, tokens, batch_dims=1)))
    ends = tf.equal(tokens, EOS_ID) | stuck
    new_totals = totals[:, 0] + tf.gather(own, tokens, batch_dims=1)
    return Chosen(
        ends[:, tf.newaxis],
        tf.zeros_like(totals, tf.int32),
        tokens[:, tf.newaxis],
        tf.where(ends, NONE, new_totals)[:, tf.newaxis],
    )
