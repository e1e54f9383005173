"""A penalty for tokens that occur already."""

import tensorflow as tf

from seqapp.decoding.constraints import Constraint


def repetition_penalty(penalties: tf.Tensor, before: tf.Tensor) -> Constraint:
    """Raises the probabilities of ids that occur already to a power, before the choice; none is excluded.

    Source: Keskar et al. 2019, "CTRL: A Conditional Transformer Language Model", section 4.1, on
    log-probabilities in place of logits, which may have any sign.

    Args:
        penalties: float32 [B], the exponents; 1 for none.
        before: int32 [B, P], ids before the hypotheses, such as those of a prompt.
    """
    wanted = tf.reduce_any(penalties > 1)

    def constraint(logits: tf.Tensor, ids: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        return tf.cond(wanted, lambda: _penalised(logits, ids, penalties, before), lambda: logits)

    return constraint


def _penalised(logits: tf.Tensor, ids: tf.Tensor, penalties: tf.Tensor, before: tf.Tensor) -> tf.Tensor:
    rows, width, length = tf.unstack(tf.shape(ids))
    occurring = tf.concat(
        [tf.reshape(ids, [rows * width, length]), tf.repeat(before, width, axis=0)], axis=1
    )
    hypotheses = tf.repeat(tf.range(rows * width), tf.shape(occurring)[1])
    indices = tf.stack([hypotheses, tf.reshape(occurring, [-1])], axis=1)
    factors = tf.repeat(tf.repeat(penalties, width), tf.shape(occurring)[1])
    return logits * tf.tensor_scatter_nd_update(tf.ones_like(logits), indices, factors)
