"""What every search returns."""

from typing import NamedTuple

import tensorflow as tf

# Stands where there is no hypothesis: finite, and far below any real score.
NO_SCORE = -1e9


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
