"""What holds for every choice."""

import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import NO_SCORE
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.large_negative import LARGE_NEGATIVE
from tests.support.scripted import ScriptedStep

PAD, BOS, EOS, UNK, A, B = range(6)
TABLE = {
    (): {A: 0.6, B: 0.4},
    (A,): {B: 0.9, EOS: 0.1},
    (B,): {A: 0.5, EOS: 0.5},
    (A, B): {EOS: 0.8, A: 0.2},
    (B, A): {EOS: 0.7, B: 0.3},
}


def choices(rows):
    cold = Sampling(tf.fill([rows], 0.05), tf.range(rows))
    warm = Sampling(tf.fill([rows], 2.0), tf.range(rows))
    return {"greedy": Greedy(), "beam": Beam(3), "narrow": Beam(1), "cold": cold, "warm": warm}


EVERY = list(choices(1))


def find(choice, tables, max_lengths, **options):
    step = ScriptedStep(tables, 6)
    return search(step, *step.start(), tf.constant(max_lengths), choices(len(tables))[choice], **options)


class Fixed:
    """A step that gives the same logits [V] every time."""

    def __init__(self, logits):
        self.logits = tf.constant(logits, tf.float32)

    def __call__(self, tokens, state, constants):
        return tf.repeat(self.logits[tf.newaxis], tf.shape(tokens)[0], axis=0), state


def find_fixed(choice, logits, max_lengths, **options):
    rows = len(max_lengths)
    return search(
        Fixed(logits), tf.zeros([rows, 1]), (), tf.constant(max_lengths), choices(rows)[choice], **options
    )


def real(found):
    """Each result's ids up to its EOS, of the places that hold one."""
    results = []
    for ids, scores in zip(found.ids.numpy(), found.scores.numpy(), strict=True):
        for one, score in zip(ids.tolist(), scores, strict=True):
            if score > NO_SCORE / 2:
                end = one.index(EOS)
                assert not any(one[end + 1 :])
                results.append(one[: end + 1])
            else:
                assert not any(one)
    return results


@pytest.mark.parametrize("choice", EVERY)
@pytest.mark.parametrize("best", [PAD, BOS])
def test_padding_and_begin_never_come_however_probable(choice, best):
    logits = [0.0] * 6
    logits[best] = 50.0
    for result in real(find_fixed(choice, logits, [5, 1, 3])):
        assert not {PAD, BOS} & set(result)


@pytest.mark.parametrize("choice", EVERY)
def test_log_probabilities_count_what_is_barred(choice):
    # PAD and BOS have half of the probability, and are not chosen; EOS follows from the length.
    found = find_fixed(choice, np.log([0.25, 0.25, 0.125, 0.125, 0.125, 0.125]), [1])
    assert found.ids.numpy()[0, 0].tolist() == [EOS]
    np.testing.assert_allclose(found.log_probabilities[0, 0], np.log(0.125), rtol=1e-5)


@pytest.mark.parametrize("choice", EVERY)
@pytest.mark.parametrize("excluded", [-np.inf, LARGE_NEGATIVE])
def test_an_excluded_eos_comes_at_the_maximum_length(choice, excluded):
    found = find_fixed(choice, [0.0, 0.0, excluded, excluded, 2.0, 1.0], [4, 2])
    assert np.isfinite(found.scores).all()
    results = real(found)
    assert [result for result in results if len(result) == 4]
    assert {len(result) for result in results} == {4, 2}
    assert all(set(result[:-1]) <= {A, B} for result in results)


@pytest.mark.parametrize("excluded", [-np.inf, LARGE_NEGATIVE])
def test_results_that_end_in_an_excluded_eos_are_still_compared(excluded):
    # ln of e / (e + 1) and 1 / (e + 1) against each other: A A, then one of each.
    found = find_fixed("beam", [excluded, excluded, excluded, excluded, 1.0, 0.0], [3])
    assert found.ids.numpy()[0, 0].tolist() == [A, A, EOS]
    np.testing.assert_allclose(found.scores[0, 0] - found.scores[0, 1], 1.0, atol=5e-3)


@pytest.mark.parametrize("choice", EVERY)
@pytest.mark.parametrize("length", [1, 4])
def test_every_way_to_exclude_an_id_gives_the_same(choice, length):
    def found(excluded):
        return find_fixed(choice, [excluded, excluded, excluded, excluded, 2.0, 1.0], [length])

    reference = found(-np.inf)
    for excluded in (LARGE_NEGATIVE, -2e9, -1e30, np.finfo(np.float32).min):
        for one, other in zip(found(excluded), reference, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e3, 1e6, 1e9, 1e12])
@pytest.mark.parametrize("choice", ["greedy", "narrow", "beam", "cold"])
def test_logits_of_any_scale_give_the_best_text(choice, scale):
    options = {"min_lengths": tf.constant([4])}
    found = find_fixed(choice, [0.0, 0.0, 0.0, 0.0, 2.0 * scale, 1.0 * scale], [4], **options)
    assert found.ids.numpy()[0, 0].tolist() == [A, A, A, EOS]
    assert (found.scores.numpy()[0, 0] > NO_SCORE / 2).all()


def test_real_scores_never_reach_the_mark_of_no_hypothesis():
    # Each step after the first costs 4e8: 2.4e9 in all.
    logits = np.full([6], -4e8, np.float32)
    logits[UNK] = 0.0

    def no_unk(logits, ids, t):
        return tf.add(logits, [0, 0, 0, LARGE_NEGATIVE, 0, 0])

    found = find_fixed("beam", logits, [8], constraints=[no_unk])
    assert (found.scores.numpy() > NO_SCORE / 2).all()
    assert len(real(found)) == 3


@pytest.mark.parametrize("choice", EVERY)
def test_logits_without_a_number_end_the_search(choice):
    found = find_fixed(choice, [np.nan] * 6, [5])
    assert real(found) in ([], [[EOS]])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_lengths": 5}, ValueError, r"max_lengths: expected integers \[B\], got int32 \(\)"),
        ({"max_lengths": [2.0]}, ValueError, "max_lengths: expected integers"),
        ({"min_lengths": [[1]]}, ValueError, r"min_lengths: expected integers \[B\], got int32 \(1, 1\)"),
        ({"prefix": [4, 5]}, ValueError, r"prefix: expected integers \[B, P\], got int32 \(2,\)"),
        ({"choice": 4}, TypeError, r"choice: expected Greedy\(\), Beam\(width\) or .* got 4"),
    ],
)
def test_arguments_that_do_not_fit(arguments, error, message):
    given = {"max_lengths": [5], "choice": Greedy(), **arguments}
    with pytest.raises(error, match=message):
        search(Fixed([0.0] * 6), tf.zeros([1, 1]), (), **given)


def test_lists_and_other_integers_are_taken():
    found = search(
        Fixed([0.0] * 5 + [3.0]), tf.zeros([1, 1]), (), [3], Beam(2), min_lengths=np.int64([3]), prefix=[[A]]
    )
    assert found.ids.numpy()[0, 0].tolist() == [A, B, EOS]


@pytest.mark.parametrize("choice", EVERY)
def test_where_no_id_is_allowed_a_result_ends(choice):
    found = find_fixed(choice, [0.0, 0.0] + [-np.inf] * 4, [5])
    assert real(found) == [[EOS]]


@pytest.mark.parametrize("choice", EVERY)
def test_a_prefix_begins_every_result_and_counts(choice):
    free = find(choice, [TABLE], [8])
    found = find(choice, [TABLE, TABLE], [8, 8], prefix=tf.constant([[B, A], [0, 0]]))
    first = found._replace(ids=found.ids[:1], scores=found.scores[:1])
    assert all(result[:2] == [B, A] for result in real(first))
    best = found.ids.numpy()[0, 0].tolist()
    wanted = 0.4 * 0.5 * (0.7 if best[2] == EOS else 0.3)
    if choice != "warm":
        assert best[:3] == [B, A, EOS]
        np.testing.assert_allclose(found.log_probabilities[0, 0], np.log(wanted), rtol=1e-5)
        # A row without a prefix answers as it does where no row has one.
        np.testing.assert_allclose(found.scores[1, 0], free.scores[0, 0], rtol=1e-5)


@pytest.mark.parametrize("choice", EVERY)
def test_a_prefix_may_end_the_result_and_the_maximum_length_wins(choice):
    prefix = tf.constant([[B, EOS, 0, 0], [B, A, B, A]])
    found = find(choice, [TABLE, TABLE], [8, 2], prefix=prefix)
    assert real(found) == [[B, EOS], [B, EOS]]
    np.testing.assert_allclose(found.log_probabilities[:, 0], np.log([0.4 * 0.5] * 2), rtol=1e-5)


def test_an_improbable_prefix_is_possible():
    found = find_fixed("beam", [0.0, 0.0, 0.0, -np.inf, 0.0, 0.0], [4], prefix=tf.constant([[UNK]]))
    assert all(result[0] == UNK for result in real(found))
    assert len(real(found)) == 3
    assert np.isfinite(found.scores).all()


def no_repetition(logits, ids, t):
    """Bars what a hypothesis already holds."""
    size = tf.shape(logits)[1]
    seen = tf.reduce_max(tf.one_hot(tf.reshape(ids, [-1, tf.shape(ids)[2]]), size), axis=1)
    return logits + LARGE_NEGATIVE * seen


@pytest.mark.parametrize("choice", EVERY)
def test_constraints_decide_and_do_not_count(choice):
    found = find_fixed(choice, [-50.0, -50.0, -9.0, -50.0, 2.0, 1.0], [6], constraints=[no_repetition])
    for result in real(found):
        assert len(set(result)) == len(result)
    if choice != "warm":
        own = tf.nn.log_softmax([-50.0, -50.0, -9.0, -50.0, 2.0, 1.0]).numpy()
        best = found.ids.numpy()[0, 0]
        np.testing.assert_allclose(found.log_probabilities[0, 0], own[best[best != PAD]].sum(), rtol=1e-5)


@pytest.mark.parametrize("choice", EVERY)
def test_minimum_lengths(choice):
    found = find_fixed(choice, [0.0, 0.0, 9.0, 0.0, 1.0, 1.0], [6, 6, 2], min_lengths=tf.constant([1, 4, 9]))
    lengths = (found.ids.numpy() == EOS).argmax(axis=2) + 1
    assert (lengths[1] >= 4).all()
    assert (lengths[2] == 2).all()


@pytest.mark.parametrize("choice", ["greedy", "beam", "narrow", "warm"])
def test_a_row_alone_equals_the_row_in_a_batch(choice):
    tables, lengths = [TABLE, {(): {A: 0.5, B: 0.5}}, TABLE], [2, 8, 3]
    prefix = tf.constant([[0, 0], [B, 0], [B, A]])
    together = find(choice, tables, lengths, prefix=prefix, alpha=tf.constant([0.0, 1.0, 2.0]))
    for row, table in enumerate(tables):
        step = ScriptedStep([table], 6)
        alone = search(
            step,
            *step.start(),
            tf.constant(lengths[row : row + 1]),
            Sampling(tf.constant([2.0]), tf.constant([row])) if choice == "warm" else choices(1)[choice],
            prefix=prefix[row : row + 1],
            alpha=float(row),
        )
        steps = alone.ids.shape[2]
        assert together.ids.numpy()[row, :, :steps].tolist() == alone.ids.numpy()[0].tolist()
        assert not together.ids.numpy()[row, :, steps:].any()
        np.testing.assert_allclose(together.scores[row], alone.scores[0], rtol=1e-6)


@pytest.mark.parametrize("choice", EVERY)
def test_in_a_graph(choice):
    options = {"prefix": tf.constant([[B], [0]]), "min_lengths": tf.constant([0, 3])}
    logits = [0.0, 0.0, 1.0, 0.0, 1.5, 1.0]
    traced = tf.function(lambda: find_fixed(choice, logits, [5, 4], **options), autograph=False)()
    for one, other in zip(traced, find_fixed(choice, logits, [5, 4], **options), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.parametrize("choice", EVERY)
def test_half_precision_logits(choice):
    step = Fixed([0.0, 0.0, 1.0, 0.0, 1.5, 1.0])
    step.logits = tf.cast(step.logits, tf.float16)
    found = search(step, tf.zeros([1, 1]), (), tf.constant([4]), choices(1)[choice])
    assert found.scores.dtype == tf.float32
    assert real(found)
