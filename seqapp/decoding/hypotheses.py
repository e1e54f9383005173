"""What every search returns."""

from typing import NamedTuple

import tensorflow as tf

from seqapp.large_negative import LARGE_NEGATIVE

# Stands where there is no hypothesis, far below any real score.
NO_SCORE = LARGE_NEGATIVE
# What an id counts at least where it is forced: a model may rule it out, with a log-probability of minus
# infinity, and the results that end in it still have to be compared.
_LEAST = -1e4


class Hypotheses(NamedTuple):
    """Found sequences, best first.

    Fields:
        ids: int32 [B, K, T], EOS last, PAD behind it.
        scores: float32 [B, K], log-probability over the length penalty; `NO_SCORE` where the space of
            sequences held fewer than K (the ids are PAD then).
        log_probabilities: float32 [B, K], natural, summed over the ids, EOS included.
    """

    ids: tf.Tensor
    scores: tf.Tensor
    log_probabilities: tf.Tensor


def is_real(scores: tf.Tensor) -> tf.Tensor:
    """bool like `scores`, False for `NO_SCORE`, for what was added to it, and for minus infinity."""
    return scores > NO_SCORE / 2


def possible(log_probabilities: tf.Tensor) -> tf.Tensor:
    """Log-probabilities of ids that are taken whatever the model says of them: finite, at least -10,000."""
    return tf.maximum(log_probabilities, _LEAST)
