"""The loop of a search over the rows that are not done yet."""

from typing import Any, Protocol

import tensorflow as tf

from seqapp.decoding.hypotheses import Hypotheses

# Batches of fewer rows are searched whole: leaving rows out would save less than it costs.
_FEWEST = 8


class Variables(Protocol):
    """The variables of a search: ``done`` bool [R] and ``finished``, its best ended hypotheses."""

    @property
    def done(self) -> tf.Tensor: ...

    @property
    def finished(self) -> Hypotheses: ...

    def of_rows(self, rows: tf.Tensor) -> "Variables":
        """Those of the rows int32 [R'] alone."""


class Loop(Protocol):
    """The step of a search, and a nest of the tensors in which its rows differ, leaves lead with R."""

    @property
    def by_row(self) -> Any: ...

    def advance(self, t: tf.Tensor, now: Any) -> tuple[tf.Tensor, Any]:
        """The variables after step t."""

    def with_rows(self, by_row: Any) -> "Loop":
        """The same with other rows."""


def search_unfinished(loop: Loop, now: Variables, longest: tf.Tensor) -> tuple[tf.Tensor, Hypotheses]:
    """Runs a search; when a quarter of its rows are done, the others go on without them.

    The rows must not influence each other. The results are then the same as with all rows up to the end.

    Args:
        loop: the search.
        now: its variables at step 0.
        longest: int32 [], number of steps at most.

    Returns:
        Number of steps int32 [], and the best ended hypotheses of all rows.
    """

    def until_a_quarter_is_done(t, rows, by_row, now, found):
        count = tf.shape(rows)[0]
        enough = tf.where(count < _FEWEST, 0, count * 3 // 4)
        t, now = tf.while_loop(
            lambda t, now: (t < longest) & (tf.math.count_nonzero(~now.done, dtype=tf.int32) > enough),
            loop.with_rows(by_row).advance,
            (t, now),
            shape_invariants=open_rows((t, now)),
            parallel_iterations=1,
        )
        found = tf.nest.map_structure(
            lambda of_all, some: tf.tensor_scatter_nd_update(of_all, rows[:, tf.newaxis], some),
            found,
            now.finished,
        )
        left = tf.where(~now.done)[:, 0]
        rows, by_row = tf.nest.map_structure(lambda leaf: tf.gather(leaf, left), (rows, by_row))
        return t, rows, by_row, now.of_rows(left), found

    rows = tf.range(tf.shape(now.done)[0])
    variables = (tf.constant(0), rows, loop.by_row, now, now.finished)
    steps, *_, found = tf.while_loop(
        lambda t, rows, *_: (t < longest) & (tf.shape(rows)[0] > 0),
        until_a_quarter_is_done,
        variables,
        shape_invariants=open_rows(variables),
        parallel_iterations=1,
    )
    return steps, found


def open_rows(variables: Any) -> Any:
    """Shape invariants of loop variables: the leading axis of every tensor stays open."""

    def invariant(leaf: tf.Tensor) -> tf.TensorShape:
        return tf.TensorShape([None] * min(1, leaf.shape.rank)).concatenate(leaf.shape[1:])

    return tf.nest.map_structure(invariant, variables)
