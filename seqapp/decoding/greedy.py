"""Greedy search."""

import tensorflow as tf

from seqapp.decoding.choice import Chosen, Pick, best_allowed, go_on_with
from seqapp.decoding.log_probabilities import LogProbabilities


class Greedy:
    """Greedy search: the most probable id at each step."""

    width = 1

    def picker(self, longest: tf.Tensor) -> Pick:
        """Same as `Choice.picker`."""
        return self._pick

    def _pick(
        self, allowed: LogProbabilities, own: LogProbabilities, totals: tf.Tensor, t: tf.Tensor
    ) -> Chosen:
        values, ids = best_allowed(allowed, 1)
        best = tf.argmax(values, axis=1, output_type=tf.int32)[:, tf.newaxis]
        tokens, values = (tf.gather(each, best, batch_dims=1) for each in (ids, values))
        return go_on_with(tokens, values, own, totals)
