import itertools

import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.hypotheses import NO_SCORE
from seqapp.decoding.search import search
from seqapp.errors import ConfigError
from tests.support.scripted import ScriptedStep

EOS, A, B = 2, 4, 5
# Greedy takes A (0.6) and ends with 0.6 · 0.3 = 0.18; B (0.4) leads to 0.4 · 0.9 = 0.36.
GARDEN_PATH = {(): {A: 0.6, B: 0.4}, (A,): {A: 0.35, B: 0.35, EOS: 0.3}, (B,): {EOS: 0.9, A: 0.1}}


def beam(tables, max_lengths, width, alpha=0.0, **options):
    step = ScriptedStep(tables, 6)
    return search(step, *step.start(), tf.constant(max_lengths), Beam(width), alpha=alpha, **options)


def random_table(seed, ids, longest):
    """A distribution over EOS and `ids` after every sequence of `ids` shorter than `longest`."""
    generator = np.random.default_rng(seed)
    table = {}
    for length in range(longest):
        for prefix in itertools.product(ids, repeat=length):
            weights = generator.dirichlet(np.ones(len(ids) + 1))
            table[prefix] = dict(zip((*ids, EOS), weights.tolist(), strict=True))
    return table


def enumerate_all(table, ids, longest, alpha):
    """All sequences that end with EOS within `longest`, best first: [(score, ids)]."""
    found = []
    for length in range(longest):
        for prefix in itertools.product(ids, repeat=length):
            sequence = (*prefix, EOS)
            total = sum(np.log(table[prefix[:t]][sequence[t]]) for t in range(len(sequence)))
            found.append((total / ((5 + len(sequence)) / 6) ** alpha, list(sequence)))
    return sorted(found, reverse=True)


def test_finds_what_greedy_misses():
    assert beam([GARDEN_PATH], [8], 1).ids.numpy().tolist()[0][0][:1] == [A]
    found = beam([GARDEN_PATH], [8], 2)
    assert found.ids.numpy()[0, 0, :2].tolist() == [B, EOS]
    np.testing.assert_allclose(found.log_probabilities[0, 0], np.log(0.36), rtol=1e-5)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_beam_as_wide_as_all_sequences_equals_enumeration(seed, alpha):
    table = random_table(seed, (A, B), 3)
    wanted = enumerate_all(table, (A, B), 3, alpha)  # 1 + 2 + 4 = 7 sequences
    found = beam([table], [3], 7, alpha)
    for k, (score, ids) in enumerate(wanted):
        assert found.ids.numpy()[0, k].tolist() == ids + [0] * (3 - len(ids))
        np.testing.assert_allclose(found.scores[0, k], score, rtol=1e-4)


def beam_to_the_end(table, ids, longest, width, alpha):
    """A beam search without any stop before the maximum length, in plain Python: the K best that ended."""
    live, ended = [(0.0, ())], []
    for t in range(longest):
        continued = [
            (total + np.log(table[prefix][token]), (*prefix, token))
            for total, prefix in live
            for token in (*ids, EOS)
        ]
        continued.sort(reverse=True)
        for rank, (total, sequence) in enumerate(continued):
            if sequence[-1] == EOS and (rank < width or t == longest - 1):
                ended.append((total / ((5 + len(sequence)) / 6) ** alpha, list(sequence)))
        live = [each for each in continued if each[1][-1] != EOS][:width]
    return sorted(ended, reverse=True)[:width]


@pytest.mark.parametrize("alpha", [-0.5, 0.0, 0.6, 1.0, 2.0])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_complete_search_finds_the_best_of_the_beam(width, alpha):
    tables = [random_table(seed, (A, B), 6) for seed in range(8)]
    found = beam(tables, [6] * 8, width, alpha, complete=True)
    for row, table in enumerate(tables):
        expected = beam_to_the_end(table, (A, B), 6, width, alpha)
        if width == 1:  # greedy search ends with its first EOS
            continue
        assert len(expected) == width
        for k, (score, ids) in enumerate(expected):
            assert found.ids.numpy()[row, k, : len(ids)].tolist() == ids
            np.testing.assert_allclose(found.scores[row, k], score, rtol=1e-4)


def test_a_complete_search_goes_on_for_the_second_result():
    # After two steps A EOS (0.5) and EOS (0.05) have ended, and A A A (0.44) cannot be the best any more.
    table = {
        (): {A: 0.95, EOS: 0.05},
        (A,): {EOS: 0.5 / 0.95, A: 0.45 / 0.95},
        (A, A): {A: 0.44 / 0.45, EOS: 0.01 / 0.45},
        (A, A, A): {EOS: 1.0},
    }
    short, complete = beam([table], [8], 2), beam([table], [8], 2, complete=True)
    assert short.ids.numpy()[0, :, :2].tolist() == [[A, EOS], [EOS, 0]]
    assert complete.ids.numpy()[0].tolist() == [[A, EOS, 0, 0], [A, A, A, EOS]]


@pytest.mark.parametrize("seed", range(5))
def test_width_one_equals_greedy(seed):
    tables = [random_table(seed, (A, B), 5), random_table(seed + 100, (A, B), 5)]
    step = ScriptedStep(tables, 6)
    greedy = search(step, *step.start(), tf.constant([5, 4]), Greedy())
    found = beam(tables, [5, 4], 1)
    assert found.ids.numpy().tolist() == greedy.ids.numpy().tolist()
    np.testing.assert_allclose(found.scores, greedy.scores, rtol=1e-5)


@pytest.mark.parametrize("width", [2, 3, 4])
def test_a_row_alone_equals_the_row_in_a_batch(width):
    tables = [random_table(seed, (A, B), 6) for seed in (1, 2, 3)]
    lengths = [6, 2, 4]
    together = beam(tables, lengths, width, 1.0)
    for row, table in enumerate(tables):
        alone = beam([table], [lengths[row]], width, 1.0)
        steps = alone.ids.shape[2]
        assert together.ids.numpy()[row, :, :steps].tolist() == alone.ids.numpy()[0].tolist()
        assert not together.ids.numpy()[row, :, steps:].any()
        np.testing.assert_allclose(together.scores[row], alone.scores[0], rtol=1e-6)


def test_weak_endings_do_not_end_the_search():
    # At each of the first steps EOS ranks among the two best, with 1 %: two have ended after two steps,
    # but the live hypothesis still scores better than both.
    sure = {(A,) * n: {A: 0.99, EOS: 0.01} for n in range(5)} | {(A,) * 5: {EOS: 1.0}}
    assert beam([sure], [8], 2).ids.numpy()[0, 0].tolist() == [A] * 5 + [EOS]


def test_n_best_are_sorted_and_different():
    found = beam([random_table(7, (A, B), 5)], [5], 4, 1.0)
    scores = found.scores.numpy()[0]
    assert (np.diff(scores) <= 0).all()
    assert len({tuple(ids) for ids in found.ids.numpy()[0].tolist()}) == 4


def test_the_length_penalty_favours_longer_text():
    # EOS at once: ln 0.4; A and EOS: ln(0.6 · 0.6) = ln 0.36, which (7/6)^2 lifts above.
    table = {(): {EOS: 0.4, A: 0.6}, (A,): {EOS: 0.6, A: 0.4}, (A, A): {EOS: 1.0}}
    assert beam([table], [8], 3).ids.numpy()[0, 0].tolist()[:2] == [EOS, 0]
    assert beam([table], [8], 3, alpha=2.0).ids.numpy()[0, 0].tolist()[:2] == [A, EOS]


def test_maximum_length_ends_every_hypothesis():
    endless = {p: {A: 0.5, B: 0.4, EOS: 0.1} for n in range(4) for p in itertools.product((A, B), repeat=n)}
    found = beam([endless], [3], 2)
    assert (found.ids.numpy()[0] == EOS).any(axis=1).all()
    assert found.ids.shape[2] == 3


def test_places_without_a_hypothesis_are_marked():
    found = beam([{(): {EOS: 1.0}}], [1], 3)
    assert found.ids.numpy().tolist() == [[[EOS], [0], [0]]]
    assert found.scores.numpy()[0, 1:].tolist() == [NO_SCORE, NO_SCORE]


def test_no_rows_give_no_hypotheses():
    step = ScriptedStep([{}], 6)
    state = {"history": tf.zeros([0, 8], tf.int32), "length": tf.zeros([0], tf.int32)}
    found = search(step, state, {"row": tf.zeros([0], tf.int32)}, tf.zeros([0], tf.int32), Beam(2))
    assert found.ids.shape[:2] == (0, 2)
    assert step.calls == 0


def test_each_row_has_its_own_penalty_and_shortest_length():
    table = {(): {EOS: 0.4, A: 0.6}, (A,): {EOS: 0.6, A: 0.4}, (A, A): {EOS: 1.0}}
    found = beam([table] * 2, [8, 8], 3, tf.constant([0.0, 2.0]))
    assert found.ids.numpy()[:, 0, :2].tolist() == [[EOS, 0], [A, EOS]]

    found = beam([table] * 3, [8, 8, 8], 3, min_lengths=tf.constant([1, 2, 3]))
    assert (found.ids.numpy()[:, 0] == EOS).argmax(axis=1).tolist() == [0, 1, 2]
    # Every other answer keeps to it as well.
    for row, length in enumerate([1, 2, 3]):
        real = found.scores.numpy()[row] > NO_SCORE / 2
        assert ((found.ids.numpy()[row][real] == EOS).argmax(axis=1) >= length - 1).all()


def test_the_longest_length_wins_over_the_shortest():
    found = beam([{(): {A: 0.9, EOS: 0.1}}], [1], 2, min_lengths=tf.constant([5]))
    assert found.ids.numpy()[0, 0].tolist() == [EOS]


def test_width_one_equals_greedy_where_a_constraint_prefers_eos():
    # EOS is chosen by the constraint; a longer text has the better log-probability.
    table = {(): {A: 0.9, EOS: 0.1}, (A,): {EOS: 1.0}}

    def prefer_eos(logits, ids, t):
        return tf.add(logits, [0.0, 0.0, 5.0, 0.0, 0.0, 0.0])

    step = ScriptedStep([table], 6)
    greedy = search(step, *step.start(), tf.constant([4]), Greedy(), constraints=[prefer_eos])
    found = beam([table], [4], 1, constraints=[prefer_eos])
    assert found.ids.numpy().tolist() == greedy.ids.numpy().tolist() == [[[EOS]]]


@pytest.mark.parametrize("width", [0, -1, 2.0, True, "4", None])
def test_no_width(width):
    with pytest.raises(ConfigError, match="width: expected an integer of at least 1, got"):
        Beam(width)
