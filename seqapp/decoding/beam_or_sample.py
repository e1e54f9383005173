"""Beam search for some rows of a batch, sampling for the others."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.decoding.step import Step


class Start(NamedTuple):
    """Start of a search, as the arguments of `search`; all lead with B."""

    state: Any
    constants: Any
    max_lengths: tf.Tensor
    min_lengths: tf.Tensor
    alpha: tf.Tensor


def beam_or_sample(
    step: Step,
    start: Start,
    temperatures: tf.Tensor,
    seeds: tf.Tensor,
    beam_width: int,
    answer: Callable[[Hypotheses], list[tf.Tensor]],
) -> list[tf.Tensor]:
    """Beam search for rows of temperature 0, one sample per row for the others.

    Args:
        step: same as in `search`.
        start: start of all rows.
        temperatures: float32 [B], sampling temperature; 0 for beam search.
        seeds: int64 [B], random seeds for sampling.
        beam_width: K.
        answer: maps `Hypotheses` to tensors that lead with their rows.

    Returns:
        The tensors of `answer`, in the order of the rows.
    """
    order, answers = [], []
    for sampled in (False, True):
        rows = tf.cast(tf.where(tf.equal(temperatures > 0, sampled))[:, 0], tf.int32)

        def taken(nest: Any, rows: tf.Tensor = rows) -> Any:
            return tf.nest.map_structure(lambda leaf: tf.gather(leaf, rows), nest)

        own = taken(start)
        choice = Sampling(taken(temperatures), taken(seeds)) if sampled else Beam(beam_width)
        found = search(
            step,
            own.state,
            own.constants,
            own.max_lengths,
            choice,
            min_lengths=own.min_lengths,
            alpha=own.alpha,
        )
        order.append(rows)
        answers.append(answer(found))
    return [tf.dynamic_stitch(order, list(parts)) for parts in zip(*answers, strict=True)]
