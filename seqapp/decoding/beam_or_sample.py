"""Beam search for some rows of a batch, sampling for the others."""

import tensorflow as tf

from seqapp.decoding.row_search import Answer, RowSearch, answers_of


def beam_or_sample(
    rows: RowSearch,
    temperatures: tf.Tensor,
    seeds: tf.Tensor,
    beam_width: int,
    answer: Answer,
    *,
    top_k: tf.Tensor | None = None,
    top_p: tf.Tensor | None = None,
) -> list[tf.Tensor]:
    """Beam search for rows of temperature 0, one sample per row for the others.

    Args:
        rows: step function, start, constraints and coverage penalty of all rows.
        temperatures: float32 [B], sampling temperature; 0 for beam search.
        seeds: int64 [B], random seeds for sampling.
        beam_width: K.
        answer: maps `Hypotheses` to tensors that lead with their rows.
        top_k: int32 [B], see `Sampling`.
        top_p: float32 [B], see `Sampling`.

    Returns:
        The tensors of `answer`, in the order of the rows.
    """
    sampled = temperatures > 0
    groups = [*rows.beam(~sampled, beam_width), *rows.sample(sampled, temperatures, seeds, top_k, top_p)]
    return answers_of(groups, answer)
