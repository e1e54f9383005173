"""Sampling from a model."""

from typing import Any

import tensorflow as tf

from seqapp.config import BOS_ID, EOS_ID, PAD_ID
from seqapp.decoding.hypotheses import NO_SCORE, Hypotheses
from seqapp.decoding.length_penalty import length_penalty
from seqapp.decoding.loops import Step, loop_invariants


def sample(
    step: Step,
    state: Any,
    constants: Any,
    max_lengths: tf.Tensor,
    temperatures: tf.Tensor,
    seeds: tf.Tensor,
    alpha: float | tf.Tensor = 0.0,
    min_lengths: tf.Tensor | None = None,
) -> Hypotheses:
    """Draws one sequence for each row, id by id, from ``softmax(logits / temperature)``.

    A row's draws depend on its own seed alone, so that neither its batch nor its place in it matters.

    Args:
        step: ``step(tokens int32 [B], state, constants) -> logits float32 [B, V], state``.
        state: any nest whose leaves lead with B.
        constants: any nest; handed to every step as it is.
        max_lengths: int32 [B], longest result of each row, EOS included; at that length EOS is taken.
        temperatures: float32 [B], above 0; below 1 favours probable ids, above 1 evens them out.
        seeds: int32 or int64 [B].
        alpha: the length penalty of the score, a number or float32 [B].
        min_lengths: int32 [B], shortest result of each row, EOS included; `max_lengths` wins over it.

    Returns:
        `Hypotheses` with K = 1; log-probabilities are the model's own, at temperature 1.
    """
    rows = tf.shape(max_lengths)[0]
    longest = tf.maximum(tf.reduce_max(max_lengths), 1)
    positions = tf.range(longest)
    draws = _uniform(seeds, longest)
    min_lengths = tf.zeros_like(max_lengths) if min_lengths is None else min_lengths

    def unfinished(t, tokens, done, total, lengths, state, ids):
        return (t < longest) & tf.reduce_any(~done)

    def advance(t, tokens, done, total, lengths, state, ids):
        logits, state = step(tokens, state, constants)
        # Never PAD or BOS, and no end before its time.
        barred = tf.one_hot([PAD_ID, BOS_ID], tf.shape(logits)[-1], NO_SCORE, 0.0)
        early = tf.one_hot(EOS_ID, tf.shape(logits)[-1], NO_SCORE, 0.0)
        allowed = logits + tf.reduce_sum(barred, axis=0)
        allowed += tf.where((t + 1 < min_lengths)[:, tf.newaxis], early, 0.0)
        cumulative = tf.cumsum(tf.nn.softmax(allowed / temperatures[:, tf.newaxis]), axis=-1)
        # The first id whose cumulative probability exceeds the draw; rounding may leave the sum below 1.
        threshold = draws[:, t, tf.newaxis] * cumulative[:, -1:]
        chosen = tf.reduce_sum(tf.cast(cumulative <= threshold, tf.int32), axis=-1)
        chosen = tf.minimum(chosen, tf.shape(logits)[-1] - 1)
        chosen = tf.where(t + 1 >= max_lengths, EOS_ID, chosen)
        log_probability = tf.gather(tf.nn.log_softmax(logits), chosen, batch_dims=1)
        written = tf.where(done, PAD_ID, chosen)[:, tf.newaxis]
        ids = tf.where(tf.equal(positions, t), written, ids)
        total = tf.where(done, total, total + log_probability)
        lengths = tf.where(done, lengths, t + 1)
        return t + 1, chosen, done | tf.equal(chosen, EOS_ID), total, lengths, state, ids

    start = (
        tf.constant(0),
        tf.fill([rows], BOS_ID),
        tf.zeros([rows], tf.bool),
        tf.zeros([rows]),
        tf.ones([rows], tf.int32),
        state,
        tf.fill([rows, longest], PAD_ID),
    )
    steps, _, _, total, lengths, _, ids = tf.while_loop(
        unfinished, advance, start, shape_invariants=loop_invariants(start), parallel_iterations=1
    )
    scores = total / length_penalty(lengths, alpha)
    return Hypotheses(ids[:, tf.newaxis, :steps], scores[:, tf.newaxis], total[:, tf.newaxis])


def _uniform(seeds: tf.Tensor, longest: tf.Tensor) -> tf.Tensor:
    """float32 [B, longest] in [0, 1), each row by its own seed."""

    def row(seed):
        return tf.random.stateless_uniform([longest], tf.stack([seed, tf.zeros_like(seed)]))

    # One row more than asked for: map_fn cannot tell the shape of none.
    seeds = tf.pad(tf.cast(seeds, tf.int64), [[0, 1]])
    return tf.map_fn(row, seeds, fn_output_signature=tf.TensorSpec([None], tf.float32))[:-1]
