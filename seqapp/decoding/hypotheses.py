"""What every search returns."""

import math
from typing import NamedTuple

import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE

# The score of no hypothesis in a result; finite, since JSON has no infinity.
NO_SCORE = LARGE_NEGATIVE
# The score of no hypothesis during the search, outside the range of any real one.
NONE = -math.inf
# Models and constraints exclude ids with minus infinity or with a large negative number: both are below this.
_EXCLUDED = LARGE_NEGATIVE / 2
# Log-probability counted for an excluded id that is forced. Finite, and small enough for float32 to keep
# the differences between hypotheses that end in it.
_FORCED = -1e4


class Hypotheses(NamedTuple):
    """Found sequences, best first.

    Fields:
        ids: int32 [B, K, T], EOS last, PAD behind it.
        scores: float32 [B, K], log-probability divided by the length penalty, plus the end penalty of the
            search where it has one; `NO_SCORE` where there are fewer than K possible sequences (the ids are
            PAD then), always above half of it elsewhere.
        log_probabilities: float32 [B, K], natural, summed over the ids, EOS included.
    """

    ids: tf.Tensor
    scores: tf.Tensor
    log_probabilities: tf.Tensor


def is_real(scores: tf.Tensor) -> tf.Tensor:
    """bool of the shape of `scores`: False for `NONE`."""
    return scores > NONE


def excluded_as_none(log_probabilities: tf.Tensor) -> tf.Tensor:
    """Log-probabilities with `NONE` for every excluded id, whether by -inf or by a large negative number."""
    return tf.where(log_probabilities > _EXCLUDED, log_probabilities, NONE)


def forced(log_probabilities: tf.Tensor) -> tf.Tensor:
    """Log-probabilities of ids that are chosen even if they are excluded, then -10,000."""
    return tf.where(log_probabilities > _EXCLUDED, log_probabilities, _FORCED)


def as_result(found: Hypotheses) -> Hypotheses:
    """Hypotheses of a search with finite scores: `NO_SCORE` for `NONE`."""

    def finite(scores: tf.Tensor) -> tf.Tensor:
        return tf.where(is_real(scores), tf.maximum(scores, NO_SCORE / 4), NO_SCORE)

    return Hypotheses(found.ids, finite(found.scores), finite(found.log_probabilities))
