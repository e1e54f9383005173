"""Beam search with length penalty and n-best."""

from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.config import BOS_ID, EOS_ID, PAD_ID
from seqapp.decoding.hypotheses import NO_SCORE, Hypotheses
from seqapp.decoding.length_penalty import length_penalty
from seqapp.decoding.loops import Step, loop_invariants


class _Beam(NamedTuple):
    tokens: tf.Tensor  # int32 [N], the last id of each live hypothesis
    log_probabilities: tf.Tensor  # float32 [B, K], of the live hypotheses
    ids: tf.Tensor  # int32 [B, K, T], the live hypotheses so far
    state: Any  # leaves lead with N
    finished: Hypotheses  # the best ended hypotheses so far
    count: tf.Tensor  # int32 [B], how many have ended
    done: tf.Tensor  # bool [B], the row's answer is final


def beam_search(
    step: Step,
    state: Any,
    constants: Any,
    max_lengths: tf.Tensor,
    beam_width: int,
    alpha: float | tf.Tensor = 0.0,
    min_lengths: tf.Tensor | None = None,
) -> Hypotheses:
    """Keeps the K most probable live hypotheses of each row, step by step.

    1. Each live hypothesis is continued by every id; the K best continuations that are not EOS live on.
    2. A continuation by EOS that ranks among the K best of its row ends; at the row's maximum length
       every live hypothesis ends. Ended hypotheses are compared by log-probability over `length_penalty`.
    3. A row is done when K hypotheses have ended and no live one scores better, as it stands, than
       the best of them; or at its maximum length. Nothing changes for it after that, so a row's
       answer does not depend on its batch.

    Width 1 equals `greedy_search`.

    Source: Graves 2012, "Sequence Transduction with Recurrent Neural Networks"; Wu et al. 2016 for
    the length penalty.

    Args:
        step: ``step(tokens int32 [N], state, constants) -> logits float32 [N, V], state``, N = B · K
            with a row's hypotheses side by side.
        state: any nest whose leaves lead with B; copied K times, then reordered with the hypotheses.
        constants: any nest leading with B; handed to every step as it is, never copied or reordered.
        max_lengths: int32 [B], longest result of each row, EOS included.
        beam_width: K.
        alpha: exponent of the length penalty, a number or float32 [B].
        min_lengths: int32 [B], shortest result of each row, EOS included; `max_lengths` wins over it.

    Returns:
        `Hypotheses`, best first.
    """
    rows = tf.shape(max_lengths)[0]
    longest = tf.maximum(tf.reduce_max(max_lengths), 1)
    first_of_row = tf.range(rows)[:, tf.newaxis] * beam_width
    positions = tf.range(longest)
    alpha = tf.broadcast_to(tf.cast(alpha, tf.float32), [rows])[:, tf.newaxis]
    min_lengths = tf.zeros_like(max_lengths) if min_lengths is None else min_lengths

    def unfinished(t, beam):
        return (t < longest) & tf.reduce_any(~beam.done)

    def advance(t, beam):
        logits, new_state = step(beam.tokens, beam.state, constants)
        log_probabilities = tf.nn.log_softmax(logits)
        eos = beam.log_probabilities + tf.reshape(log_probabilities[:, EOS_ID], [rows, beam_width])

        # The K best of a row are among the K best of each hypothesis; one more makes up for EOS.
        values, ids = tf.math.top_k(log_probabilities, tf.minimum(beam_width + 1, tf.shape(logits)[-1]))
        values = tf.reshape(values, [rows, beam_width, -1]) + beam.log_probabilities[:, :, tf.newaxis]
        width = tf.shape(values)[-1]
        values, ids = tf.reshape(values, [rows, -1]), tf.reshape(ids, [rows, -1])
        ranked = tf.math.top_k(values, beam_width).values
        live = tf.math.top_k(tf.where(tf.equal(ids, EOS_ID), 2 * NO_SCORE, values), beam_width)

        at_end = t + 1 >= max_lengths
        eos = tf.where((at_end | (t + 1 >= min_lengths))[:, tf.newaxis], eos, NO_SCORE)
        ends = (eos >= ranked[:, -1:]) | at_end[:, tf.newaxis]
        ends &= ~beam.done[:, tf.newaxis] & (eos > NO_SCORE / 2)
        ended = tf.where(tf.equal(positions, t), EOS_ID, beam.ids)
        finished = _merge(beam.finished, ended, eos, length_penalty(t + 1, alpha), ends, beam_width)
        count = beam.count + tf.reduce_sum(tf.cast(ends, tf.int32), axis=1)

        hopeless = finished.scores[:, 0] >= live.values[:, 0] / length_penalty(t + 1, alpha)[:, 0]
        parents = live.indices // width
        tokens = tf.gather(ids, live.indices, batch_dims=1)
        flat = tf.reshape(first_of_row + parents, [-1])
        history = tf.gather(beam.ids, parents, batch_dims=1)
        return t + 1, _Beam(
            tokens=tf.reshape(tokens, [-1]),
            log_probabilities=tf.maximum(live.values, NO_SCORE),
            ids=tf.where(tf.equal(positions, t), tokens[:, :, tf.newaxis], history),
            state=tf.nest.map_structure(lambda leaf: tf.gather(leaf, flat), new_state),
            finished=finished,
            count=count,
            done=beam.done | at_end | ((count >= beam_width) & hopeless),
        )

    empty = tf.fill([rows, beam_width, longest], PAD_ID)
    no_scores = tf.fill([rows, beam_width], NO_SCORE)
    start = _Beam(
        tokens=tf.fill([rows * beam_width], BOS_ID),
        # All but one start hopeless, or the first step would find one hypothesis K times.
        log_probabilities=tf.tile([[0.0] + [NO_SCORE] * (beam_width - 1)], [rows, 1]),
        ids=empty,
        state=tf.nest.map_structure(lambda leaf: tf.repeat(leaf, beam_width, axis=0), state),
        finished=Hypotheses(empty, no_scores, no_scores),
        count=tf.zeros([rows], tf.int32),
        done=tf.zeros([rows], tf.bool),
    )
    variables = (tf.constant(0), start)
    steps, beam = tf.while_loop(
        unfinished, advance, variables, shape_invariants=loop_invariants(variables), parallel_iterations=1
    )
    return beam.finished._replace(ids=beam.finished.ids[:, :, :steps])


def _merge(finished, ids, log_probabilities, penalty, ends, beam_width) -> Hypotheses:
    """The K best of the ended hypotheses so far and of those that end now."""
    pool = Hypotheses(
        tf.concat([finished.ids, ids], axis=1),
        tf.concat([finished.scores, tf.where(ends, log_probabilities / penalty, NO_SCORE)], axis=1),
        tf.concat([finished.log_probabilities, tf.where(ends, log_probabilities, NO_SCORE)], axis=1),
    )
    best = tf.math.top_k(pool.scores, beam_width)
    chosen = tf.nest.map_structure(lambda leaf: tf.gather(leaf, best.indices, batch_dims=1), pool)
    real = best.values > NO_SCORE / 2
    return chosen._replace(ids=tf.where(real[:, :, tf.newaxis], chosen.ids, PAD_ID))
