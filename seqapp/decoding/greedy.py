"""Greedy search."""

import tensorflow as tf

from seqapp.decoding.choice import Chosen, Pick, go_on_with


class Greedy:
    """Greedy search: the most probable id at each step."""

    width = 1

    def picker(self, longest: tf.Tensor) -> Pick:
        """Same as `Choice.picker`."""
        return self._pick

    def _pick(self, allowed: tf.Tensor, own: tf.Tensor, totals: tf.Tensor, t: tf.Tensor) -> Chosen:
        return go_on_with(tf.argmax(allowed, axis=-1, output_type=tf.int32), allowed, own, totals)
