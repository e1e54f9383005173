"""The interface of greedy search, beam search and sampling: how hypotheses are continued."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import tensorflow as tf

from seqapp.decoding.hypotheses import NONE, excluded_as_none, is_real
from seqapp.decoding.log_probabilities import LogProbabilities
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID

# PAD and BOS, which no text contains, are the ids below this.
_FIRST_OF_TEXT = max(PAD_ID, BOS_ID) + 1


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


# pick(allowed, own, totals float32 [B, K], t int32) -> Chosen; the first two are of the next id:
#   allowed: after the constraints, see `excluded_as_none`; they decide, and PAD and BOS are not chosen;
#   own: of the model; they count;
#   totals: log-probabilities of the hypotheses so far, `NONE` without a hypothesis.
Pick = Callable[[LogProbabilities, LogProbabilities, tf.Tensor, tf.Tensor], Chosen]


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


def best_allowed(allowed: LogProbabilities, k: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The `k` largest log-probabilities of allowed ids, and more.

    Returns:
        values float32 [N, M], `NONE` for excluded ids and for PAD and BOS, not ordered, and ids int32
        [N, M]; M is k and the number of ids that no text contains, at most V.
    """
    values, ids = allowed.top(k + _FIRST_OF_TEXT)
    return tf.where(ids < _FIRST_OF_TEXT, NONE, excluded_as_none(values)), ids


def go_on_with(tokens: tf.Tensor, values: tf.Tensor, own: LogProbabilities, totals: tf.Tensor) -> Chosen:
    """Continues the only hypothesis of each row.

    Args:
        tokens: int32 [B, 1], the next ids.
        values: float32 [B, 1], their allowed log-probabilities, `NONE` where they are excluded.
        own, totals: as of `Pick`.
    """
    ends = tf.equal(tokens, EOS_ID) | ~is_real(values)
    return Chosen(
        ends,
        tf.zeros_like(totals, tf.int32),
        tokens,
        tf.where(ends, NONE, totals + own.at(tokens)),
    )
