"""The coverage penalty of a search."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

# step(tokens int32 [N], state, constants) -> logits float [N, V], attention weights float32 [N, S], state
AttentionStep = Callable[[tf.Tensor, Any, Any], tuple[tf.Tensor, tf.Tensor, Any]]

# A source position whose attention is 0 in float32 would otherwise count minus infinity.
_LEAST = 1e-9


class CoveragePenalty:
    """Coverage penalty: ``cp(X; Y) = beta · Σ_i log(min(Σ_j p_ij, 1))`` over source positions i.

    p_ij is the attention of target position j on source position i. The penalty is 0 where every source
    position got an attention of 1 in all, and below 0 otherwise. The sum of each hypothesis is part of the
    search's state, so it follows the hypotheses.

    Source: Wu et al. 2016, "Google's Neural Machine Translation System", equation 14.

    Args:
        step: ``step(tokens int32 [N], state, constants) -> logits, attention weights float32 [N, S], state``.
        mask: bool [B, S], source positions that count; not padding.
        beta: factor of the penalty, a number or float32 [B]; rows with 0 get exactly 0.

    Example:
        >>> coverage = CoveragePenalty(model.step_with_attention, mask, beta=0.2)
        >>> start = coverage.initial_state(state)
        >>> search(coverage.step, start, constants, longest, Beam(4), end_penalty=coverage.penalty)
    """

    def __init__(self, step: AttentionStep, mask: tf.Tensor, beta: float | tf.Tensor) -> None:
        self._step = step
        self.mask = tf.cast(mask, tf.bool)
        self.beta = tf.broadcast_to(tf.cast(beta, tf.float32), tf.shape(self.mask)[:1])

    def of_rows(self, rows: tf.Tensor) -> "CoveragePenalty":
        """The penalty of some rows int32 [R] of the batch."""
        return CoveragePenalty(self._step, tf.gather(self.mask, rows), tf.gather(self.beta, rows))

    def initial_state(self, state: Any) -> tuple[Any, tf.Tensor]:
        """The state of the step function, and no attention so far."""
        return state, tf.zeros(tf.shape(self.mask), tf.float32)

    def step(self, tokens: tf.Tensor, state: Any, constants: Any) -> tuple[tf.Tensor, Any]:
        """One step of a search, see `Step`."""
        inner, total = state
        logits, weights, inner = self._step(tokens, inner, constants)
        return logits, (inner, total + tf.cast(weights, tf.float32))

    def penalty(self, state: Any) -> tf.Tensor:
        """float32 [N], at most 0: the penalty of hypotheses that end in this state."""
        rows, length = tf.unstack(tf.shape(self.mask))
        total = tf.reshape(state[1], [rows, -1, length])
        logs = tf.math.log(tf.clip_by_value(total, _LEAST, 1.0))
        summed = tf.reduce_sum(tf.where(self.mask[:, tf.newaxis], logs, 0.0), axis=2)
        beta = self.beta[:, tf.newaxis]
        return tf.reshape(tf.where(beta > 0, beta * summed, 0.0), [-1])
