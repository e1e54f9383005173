"""Sampling from a model."""

import tensorflow as tf

from seqapp.decoding.choice import Chosen, Pick, go_on_with


class Sampling:
    """Draws each id from ``softmax(logits / temperature)``.

    A row's draws depend on its own seed alone, so that neither its batch nor its place in it matters.

    Args:
        temperatures: float32 [B], above 0; below 1 favours probable ids, above 1 evens them out.
        seeds: int32 or int64 [B].
    """

    width = 1

    def __init__(self, temperatures: tf.Tensor, seeds: tf.Tensor) -> None:
        self.temperatures = temperatures
        self.seeds = seeds

    def picker(self, longest: tf.Tensor) -> Pick:
        """See `Choice`."""
        draws = _uniform(self.seeds, longest)

        def pick(allowed: tf.Tensor, own: tf.Tensor, totals: tf.Tensor, t: tf.Tensor) -> Chosen:
            cumulative = tf.cumsum(tf.nn.softmax(allowed / self.temperatures[:, tf.newaxis]), axis=-1)
            # The first id whose cumulative probability exceeds the draw. Rounding may leave the sum below
            # 1, and the draw must stay below it, or the last id would come, however improbable.
            threshold = tf.minimum(draws[:, t, tf.newaxis], 1.0 - 1e-6) * cumulative[:, -1:]
            tokens = tf.reduce_sum(tf.cast(cumulative <= threshold, tf.int32), axis=-1)
            return go_on_with(tokens, allowed, own, totals)

        return pick


def _uniform(seeds: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """float32 [B, longest] in [0, 1), each row by its own seed."""

    def row(seed):
        return tf.random.stateless_uniform([longest], tf.stack([seed, tf.zeros_like(seed)]))

    # One row more than asked for: map_fn cannot tell the shape of none.
    seeds = tf.pad(tf.cast(seeds, tf.int64), [[0, 1]])
    return tf.map_fn(row, seeds, fn_output_signature=tf.TensorSpec([None], tf.float32))[:-1]
