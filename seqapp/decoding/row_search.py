"""Searches of some rows of a batch each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.choice import Choice
from seqapp.decoding.constraints import Constraint
from seqapp.decoding.coverage import CoveragePenalty
from seqapp.decoding.hypotheses import Hypotheses
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.decoding.step import Step

Answer = Callable[[Hypotheses], list[tf.Tensor]]


class Start(NamedTuple):
    """Start of a search, as the arguments of `search`; all lead with B.

    Without a prefix, `prefix` is ().
    """

    state: Any
    constants: Any
    max_lengths: tf.Tensor
    min_lengths: tf.Tensor
    alpha: tf.Tensor
    prefix: Any = ()

    def of_rows(self, rows: tf.Tensor) -> "Start":
        """The start of some rows int32 [R]."""
        return tf.nest.map_structure(lambda leaf: tf.gather(leaf, rows), self)


@dataclass(frozen=True)
class RowSearch:
    """Beam search and sampling of chosen rows of a batch.

    Attributes:
        step: same as in `search`.
        start: start of all rows.
        constraints: ``constraints(rows int32 [R])`` gives the constraints of these rows.
        coverage: coverage penalty of all rows, for beam search; its step takes the place of `step` in rows
            whose beta is above 0.
    """

    step: Step
    start: Start
    constraints: Callable[[tf.Tensor], Sequence[Constraint]] | None = None
    coverage: CoveragePenalty | None = None

    def beam(self, among: tf.Tensor, width: int, complete: bool = False) -> list["Group"]:
        """Beam search of the rows bool [B]: those without a coverage penalty, and those with one."""
        if self.coverage is None:
            return [Group(among, lambda rows: self._plain(rows, Beam(width), complete))]
        covered = self.coverage.beta > 0
        return [
            Group(among & ~covered, lambda rows: self._plain(rows, Beam(width), complete)),
            Group(among & covered, lambda rows: self._covered(rows, Beam(width), complete)),
        ]

    def sample(
        self,
        among: tf.Tensor,
        temperatures: tf.Tensor,
        seeds: tf.Tensor,
        top_k: tf.Tensor | None = None,
        top_p: tf.Tensor | None = None,
    ) -> list["Group"]:
        """Sampling of the rows bool [B]; the other arguments as `Sampling`, for all rows."""

        def found(rows: tf.Tensor) -> Hypotheses:
            columns = (temperatures, seeds, top_k, top_p)
            own = [None if column is None else tf.gather(column, rows) for column in columns]
            return self._plain(rows, Sampling(*own))

        return [Group(among, found)]

    def _plain(self, rows: tf.Tensor, choice: Choice, complete: bool = False) -> Hypotheses:
        start = self.start.of_rows(rows)
        return self._search(self.step, start, rows, choice, complete=complete)

    def _covered(self, rows: tf.Tensor, choice: Choice, complete: bool) -> Hypotheses:
        assert self.coverage is not None  # noqa: S101
        coverage = self.coverage.of_rows(rows)
        start = self.start.of_rows(rows)
        start = start._replace(state=coverage.initial_state(start.state))
        return self._search(
            coverage.step, start, rows, choice, complete=complete, end_penalty=coverage.penalty
        )

    def _search(
        self, step: Step, start: Start, rows: tf.Tensor, choice: Choice, **options: Any
    ) -> Hypotheses:
        return search(
            step,
            start.state,
            start.constants,
            start.max_lengths,
            choice,
            min_lengths=start.min_lengths,
            alpha=start.alpha,
            prefix=None if isinstance(start.prefix, tuple) else start.prefix,
            constraints=() if self.constraints is None else self.constraints(rows),
            **options,
        )


class Group(NamedTuple):
    """Rows bool [B] of a batch, and their search, a function of the rows' indices int32 [R]."""

    among: tf.Tensor
    search: Callable[[tf.Tensor], Hypotheses]


def answers_of(groups: Sequence[Group], answer: Answer) -> list[tf.Tensor]:
    """The tensors of `answer` for all rows, in their order; each row is in one of the groups."""
    order, answers = [], []
    for group in groups:
        rows = tf.cast(tf.where(group.among)[:, 0], tf.int32)
        order.append(rows)
        answers.append(answer(group.search(rows)))
    return [tf.dynamic_stitch(order, list(parts)) for parts in zip(*answers, strict=True)]
