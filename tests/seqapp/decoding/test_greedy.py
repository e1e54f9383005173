import numpy as np
import tensorflow as tf

from seqapp.decoding.greedy import Greedy
from seqapp.decoding.search import search
from tests.support.scripted import ScriptedStep

A, B = 4, 5
TABLE = {(): {A: 0.6, B: 0.4}, (A,): {B: 0.9, 2: 0.1}, (A, B): {2: 0.8, A: 0.2}}


def greedy(tables, max_lengths, **options):
    step = ScriptedStep(tables, 6)
    state, constants = step.start()
    return step, search(step, state, constants, tf.constant(max_lengths), Greedy(), **options)


def test_takes_the_most_probable_id_until_eos():
    _, found = greedy([TABLE], [8])
    assert found.ids.numpy().tolist() == [[[A, B, 2]]]
    np.testing.assert_allclose(found.log_probabilities, [[np.log(0.6 * 0.9 * 0.8)]], rtol=1e-5)


def test_eos_is_taken_at_the_maximum_length():
    _, found = greedy([TABLE], [2])
    assert found.ids.numpy().tolist() == [[[A, 2]]]
    np.testing.assert_allclose(found.log_probabilities, [[np.log(0.6 * 0.1)]], rtol=1e-5)


def test_rows_end_on_their_own_and_the_loop_with_the_last():
    step, found = greedy([TABLE, {(): {2: 1.0}}], [8, 8])
    assert found.ids.numpy().tolist() == [[[A, B, 2]], [[2, 0, 0]]]
    assert step.calls == 3


def test_score_is_divided_by_the_length_penalty():
    _, found = greedy([TABLE], [8], alpha=1.0)
    np.testing.assert_allclose(found.scores, found.log_probabilities / ((5 + 3) / 6), rtol=1e-6)
