"""The search loop of greedy search, beam search and sampling."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.choice import Choice, Chosen, Pick
from seqapp.decoding.constraints import Constraint, minimum_length
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import NONE, Hypotheses, as_result, forced, is_real
from seqapp.decoding.length_penalty import length_penalty
from seqapp.decoding.log_probabilities import LogProbabilities
from seqapp.decoding.prefix import force, forced_ids
from seqapp.decoding.step import Step
from seqapp.decoding.unfinished_rows import open_rows, search_unfinished
from seqapp.special_ids import BOS_ID, EOS_ID, PAD_ID

# end_penalty(state, leaves lead with N) -> float32 [N], at most 0
EndPenalty = Callable[[Any], tf.Tensor]


class _Now(NamedTuple):
    tokens: tf.Tensor  # int32 [N], the last id of each hypothesis
    totals: tf.Tensor  # float32 [B, K], log-probabilities of the hypotheses; NONE without one
    ids: tf.Tensor  # int32 [B, K, T], the hypotheses so far
    state: Any  # leaves lead with N
    finished: Hypotheses  # the best ended hypotheses so far
    count: tf.Tensor  # int32 [B], how many have ended
    done: tf.Tensor  # bool [B], the row's answer is final

    def of_rows(self, rows: tf.Tensor) -> "_Now":
        """The variables of some rows, by index int [R]."""
        width = tf.shape(self.totals, tf.int64)[1]
        hypotheses = tf.reshape(rows[:, tf.newaxis] * width + tf.range(width), [-1])
        by_hypothesis, by_row = (self.tokens, self.state), self._replace(tokens=(), state=())
        tokens, state = tf.nest.map_structure(lambda leaf: tf.gather(leaf, hypotheses), by_hypothesis)
        kept = tf.nest.map_structure(lambda leaf: tf.gather(leaf, rows), by_row)
        return kept._replace(tokens=tokens, state=state)


class _Rows(NamedTuple):
    """In what the rows of a search differ."""

    constants: Any
    max_lengths: tf.Tensor  # int32 [B]
    alpha: tf.Tensor  # float32 [B, 1]


def search(
    step: Step,
    state: Any,
    constants: Any,
    max_lengths: tf.Tensor,
    choice: Choice,
    *,
    min_lengths: tf.Tensor | None = None,
    alpha: float | tf.Tensor = 0.0,
    prefix: tf.Tensor | None = None,
    constraints: Sequence[Constraint] = (),
    end_penalty: EndPenalty | None = None,
    complete: bool = False,
) -> Hypotheses:
    """Generates sequences id by id, with K hypotheses per row side by side.

    1. `choice` continues each hypothesis with ids that the constraints do not exclude. PAD and BOS are
       always excluded.
    2. A hypothesis ends with EOS: where EOS is chosen, at the maximum length of the row, and where every
       id is excluded. Ended hypotheses are ranked by log-probability divided by `length_penalty`, plus
       `end_penalty` where there is one.
    3. A row is done at its maximum length, when no hypothesis is left, or when K have ended and none that
       is left has, at its present length, a better score than the best of them. Nothing changes for the
       row after that, so that its result does not depend on its batch.

    Rule 3 ends the search for the sake of the first result. Later steps could still improve the others,
    and, with an exponent above 0, a longer hypothesis could still overtake the first. With `complete` the
    row goes on until no hypothesis that is left can enter the K results at any length: they are then
    the K best that the beam finds up to the maximum length.

    Log-probabilities are those of the model: constraints decide what is chosen, not what it counts.
    An id is excluded, by the model or by a constraint, at -infinity or any number below -5e8; where an
    excluded EOS has to end a hypothesis it counts -10,000.

    Args:
        step: ``step(tokens int32 [N], state, constants) -> logits float [N, V], state``, N = B · K with
            a row's hypotheses side by side.
        state: any nest whose leaves lead with B; copied K times, then reordered with the hypotheses.
        constants: any nest leading with B; passed to every step unchanged, never copied or reordered.
        max_lengths: int [B], maximum length of the results of each row, EOS included.
        choice: `Greedy`, `Beam` or `Sampling`.
        min_lengths: int [B], minimum length, EOS included; `max_lengths` takes precedence.
        alpha: exponent of the length penalty, a number or float32 [B].
        prefix: int [B, P], PAD on the right: ids that each result of the row begins with. They count in
            its length and log-probability; an EOS in it ends the result.
        constraints: ``constraint(logits float32 [N, V], ids so far int32 [B, K, T], t) -> logits``, called
            in turn with log-probabilities before each choice; they add `LARGE_NEGATIVE` to exclude an id.
        end_penalty: ``end_penalty(state) -> float32 [N]``, at most 0, of the state after the step that ends
            a hypothesis, see `CoveragePenalty`.
        complete: search until all K results are final, not only the first; takes more steps.

    Returns:
        `Hypotheses`, best first.

    Raises:
        TypeError: `choice` is not one of the three.
        ValueError: a tensor of another rank, or lengths that are not integers.
    """
    if not all(hasattr(choice, name) for name in ("width", "picker")):
        raise TypeError(f"choice: expected Greedy(), Beam(width) or Sampling(...), got {choice!r}")
    max_lengths = _integers("max_lengths", max_lengths, 1)
    min_lengths = None if min_lengths is None else _integers("min_lengths", min_lengths, 1)
    prefix = None if prefix is None else _integers("prefix", prefix, 2)
    rows, width = tf.shape(max_lengths)[0], choice.width
    longest = tf.maximum(tf.reduce_max(max_lengths), 1)
    rules = [*constraints]
    if min_lengths is not None:
        rules.append(minimum_length(min_lengths))
    alphas = tf.broadcast_to(tf.cast(alpha, tf.float32), [rows])[:, tf.newaxis]
    loop = _Loop(
        step=step,
        by_row=_Rows(constants, max_lengths, alphas),
        width=width,
        first_of_row=_first_of_row(max_lengths, width),
        pick=choice.picker(longest),
        constraints=rules,
        prefix=None if prefix is None else forced_ids(prefix, longest),
        forced_steps=None if prefix is None else tf.shape(prefix)[1],
        end_penalty=end_penalty,
        complete=complete,
    )
    start = _start(state, rows, width, longest)
    # Constraints, prefixes and draws are those of all rows.
    alike = isinstance(choice, Greedy | Beam) and not rules and prefix is None and end_penalty is None
    steps, found = (search_unfinished if alike else _search_all)(loop, start, longest)
    return as_result(found._replace(ids=found.ids[:, :, :steps]))


def _search_all(loop: "_Loop", start: _Now, longest: tf.Tensor) -> tuple[tf.Tensor, Hypotheses]:
    """Number of steps int32 [], and the best ended hypotheses."""
    variables = (tf.constant(0), start)
    steps, last = tf.while_loop(
        lambda t, now: (t < longest) & tf.reduce_any(~now.done),
        loop.advance,
        variables,
        shape_invariants=open_rows(variables),
        parallel_iterations=1,
    )
    return steps, last.finished


def _first_of_row(max_lengths: tf.Tensor, width: int) -> tf.Tensor:
    return tf.range(tf.shape(max_lengths)[0])[:, tf.newaxis] * width


def _integers(name: str, value: Any, rank: int) -> tf.Tensor:
    value = tf.convert_to_tensor(value)
    if not value.dtype.is_integer or value.shape.rank not in (rank, None):
        shape = "[B]" if rank == 1 else "[B, P]"
        raise ValueError(f"{name}: expected integers {shape}, got {value.dtype.name} {value.shape}")
    return tf.cast(value, tf.int32)


class _Loop(NamedTuple):
    """The part of a search that does not change from step to step."""

    step: Step
    by_row: _Rows
    width: int
    first_of_row: tf.Tensor  # int32 [B, 1], index of the row's first hypothesis
    pick: Pick
    constraints: Sequence[Constraint]
    prefix: tf.Tensor | None  # int32 [B, T], PAD where nothing is forced
    forced_steps: tf.Tensor | None  # int32 [], steps after which no row has a forced id
    end_penalty: EndPenalty | None
    complete: bool

    def with_rows(self, by_row: _Rows) -> "_Loop":
        """The loop of other rows; constraints and prefix stay."""
        return self._replace(by_row=by_row, first_of_row=_first_of_row(by_row.max_lengths, self.width))

    def advance(self, t: tf.Tensor, now: _Now) -> tuple[tf.Tensor, _Now]:
        """One step of all hypotheses."""
        logits, state = self.step(now.tokens, now.state, self.by_row.constants)
        own = LogProbabilities.of(logits)
        chosen = self._choose(own, t, now)

        at_end = t + 1 >= self.by_row.max_lengths
        penalty = length_penalty(t + 1, self.by_row.alpha)
        ends = (chosen.ends | at_end[:, tf.newaxis]) & is_real(now.totals) & ~now.done[:, tf.newaxis]
        here = tf.equal(tf.range(tf.shape(now.ids)[2]), t)
        totals = now.totals + tf.reshape(forced(own.of_end()), tf.shape(ends))
        scores = totals / penalty
        if self.end_penalty is not None:
            scores += tf.reshape(self.end_penalty(state), tf.shape(scores))
        ended = Hypotheses(tf.where(here, EOS_ID, now.ids), scores, totals)
        finished = _merge(now.finished, ended, ends, self.width)
        count = now.count + tf.reduce_sum(tf.cast(ends, tf.int32), axis=1)

        best = tf.reduce_max(chosen.log_probabilities, axis=1)
        settled = (count >= self.width) & self._settled(finished, best, penalty[:, 0])
        state, history = self._follow(chosen.parents, state, now.ids)
        return t + 1, _Now(
            tokens=tf.reshape(chosen.tokens, [-1]),
            totals=chosen.log_probabilities,
            ids=tf.where(here, chosen.tokens[:, :, tf.newaxis], history),
            state=state,
            finished=finished,
            count=count,
            done=now.done | at_end | settled | ~is_real(best),
        )

    def _settled(self, finished: Hypotheses, best: tf.Tensor, penalty: tf.Tensor) -> tf.Tensor:
        """bool [B]: no hypothesis that is left can improve the results any more.

        The end penalty is at most 0: a hypothesis that is left scores at most what it scores without.

        Args:
            finished: the K best so far.
            best: float32 [B], the largest log-probability of a hypothesis that is left.
            penalty: float32 [B], the length penalty at this step.
        """
        if not self.complete:
            return finished.scores[:, 0] >= best / penalty
        # Log-probabilities are at most 0: the largest penalty to come gives the largest score.
        penalty = tf.maximum(penalty, length_penalty(self.by_row.max_lengths, self.by_row.alpha[:, 0]))
        return finished.scores[:, -1] >= best / penalty

    def _follow(self, parents: tf.Tensor, state: Any, ids: tf.Tensor) -> tuple[Any, tf.Tensor]:
        """State (leaves lead with N) and ids int32 [B, K, T] of the hypotheses int32 [B, K]."""
        if self.width == 1:
            return state, ids
        flat = tf.reshape(self.first_of_row + parents, [-1])
        reordered = tf.nest.map_structure(lambda leaf: tf.gather(leaf, flat), state)
        return reordered, tf.gather(ids, parents, batch_dims=1)

    def _choose(self, own: LogProbabilities, t: tf.Tensor, now: _Now) -> Chosen:
        allowed = own
        if self.constraints:
            dense = own.dense()
            for constraint in self.constraints:
                dense = constraint(dense, now.ids, t)
            allowed = LogProbabilities.given(dense)
        chosen = self.pick(allowed, own, now.totals, t)
        if self.prefix is None:
            return chosen
        # Most rows have no prefix, and none beyond its length.
        forced_now = self.prefix[:, t]
        return Chosen(
            *tf.cond(
                t < self.forced_steps,
                lambda: tuple(force(chosen, forced_now, own, now.totals)),
                lambda: tuple(chosen),
            )
        )


def _start(state: Any, rows: tf.Tensor, width: int, longest: tf.Tensor) -> _Now:
    empty = tf.fill([rows, width, longest], PAD_ID)
    no_scores = tf.fill([rows, width], NONE)
    return _Now(
        tokens=tf.fill([rows * width], BOS_ID),
        # Only one hypothesis at first, or the first step would find each continuation K times.
        totals=tf.tile([[0.0] + [NONE] * (width - 1)], [rows, 1]),
        ids=empty,
        state=state if width == 1 else tf.nest.map_structure(lambda x: tf.repeat(x, width, axis=0), state),
        finished=Hypotheses(empty, no_scores, no_scores),
        count=tf.zeros([rows], tf.int32),
        done=tf.zeros([rows], tf.bool),
    )


def _merge(finished: Hypotheses, ended: Hypotheses, ends: tf.Tensor, width: int) -> Hypotheses:
    """The K best of the ended hypotheses so far and of those that end now."""
    if width == 1:  # a row's only hypothesis ends once
        return Hypotheses(
            tf.where(ends[:, :, tf.newaxis], ended.ids, finished.ids),
            tf.where(ends, ended.scores, finished.scores),
            tf.where(ends, ended.log_probabilities, finished.log_probabilities),
        )
    pool = Hypotheses(
        tf.concat([finished.ids, ended.ids], axis=1),
        tf.concat([finished.scores, tf.where(ends, ended.scores, NONE)], axis=1),
        tf.concat([finished.log_probabilities, tf.where(ends, ended.log_probabilities, NONE)], axis=1),
    )
    best = tf.math.top_k(pool.scores, width)
    chosen = tf.nest.map_structure(lambda leaf: tf.gather(leaf, best.indices, batch_dims=1), pool)
    return chosen._replace(ids=tf.where(is_real(best.values)[:, :, tf.newaxis], chosen.ids, PAD_ID))
