"""Greedy search."""

from typing import Any

import tensorflow as tf

from seqapp.config import BOS_ID, EOS_ID, PAD_ID
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.length_penalty import length_penalty
from seqapp.decoding.loops import Step, loop_invariants


def greedy_search(
    step: Step, state: Any, constants: Any, max_lengths: tf.Tensor, alpha: float = 0.0
) -> Hypotheses:
    """Takes the most probable id at each step until EOS.

    Args:
        step: ``step(tokens int32 [B], state, constants) -> logits float32 [B, V], state``.
        state: any nest whose leaves lead with B.
        constants: any nest; handed to every step as it is.
        max_lengths: int32 [B], longest result of each row, EOS included; at that length EOS is taken.
        alpha: the length penalty of the score, see `length_penalty`.

    Returns:
        `Hypotheses` with K = 1.
    """
    rows = tf.shape(max_lengths)[0]
    longest = tf.maximum(tf.reduce_max(max_lengths), 1)
    ids = tf.TensorArray(tf.int32, size=0, dynamic_size=True, element_shape=[None])

    def unfinished(t, tokens, done, total, lengths, state, ids):
        return (t < longest) & tf.reduce_any(~done)

    def advance(t, tokens, done, total, lengths, state, ids):
        logits, state = step(tokens, state, constants)
        chosen = tf.argmax(logits, axis=-1, output_type=tf.int32)
        chosen = tf.where(t + 1 >= max_lengths, EOS_ID, chosen)
        log_probability = tf.gather(tf.nn.log_softmax(logits), chosen, batch_dims=1)
        ids = ids.write(t, tf.where(done, PAD_ID, chosen))
        total = tf.where(done, total, total + log_probability)
        lengths = tf.where(done, lengths, t + 1)
        return t + 1, chosen, done | tf.equal(chosen, EOS_ID), total, lengths, state, ids

    start = (
        tf.constant(0),
        tf.fill([rows], BOS_ID),
        tf.zeros([rows], tf.bool),
        tf.zeros([rows]),
        tf.zeros([rows], tf.int32),
        state,
        ids,
    )
    *_, total, lengths, _, ids = tf.while_loop(
        unfinished, advance, start, shape_invariants=loop_invariants(start), parallel_iterations=1
    )
    scores = total / length_penalty(lengths, alpha)
    return Hypotheses(tf.transpose(ids.stack())[:, tf.newaxis], scores[:, tf.newaxis], total[:, tf.newaxis])
