import numpy as np
import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.coverage import CoveragePenalty
from seqapp.decoding.search import search
from tests.support.scripted import ScriptedStep

EOS, A, B = 2, 4, 5


def test_by_hand():
    # Sums of attention over two target positions: 1.5 counts as 1; 0.5 and 0.25 are ln 0.5 + ln 0.25.
    mask = tf.constant([[True, True, True], [True, False, False]])
    coverage = CoveragePenalty(None, mask, tf.constant([0.2, 1.0]))
    total = tf.constant([[1.5, 0.5, 0.25], [0.125, 0.0, 0.0]])
    found = coverage.penalty(((), total))
    np.testing.assert_allclose(found, [0.2 * np.log(0.125), np.log(0.125)], rtol=1e-6)


def test_a_beta_of_zero_gives_exactly_zero():
    coverage = CoveragePenalty(None, tf.constant([[True], [True]]), tf.constant([0.0, np.nan]))
    assert coverage.penalty(((), tf.zeros([4, 1]))).numpy().tolist() == [0.0] * 4


def test_a_position_without_attention_has_a_finite_penalty():
    coverage = CoveragePenalty(None, tf.constant([[True]]), 1.0)
    np.testing.assert_allclose(coverage.penalty(((), tf.zeros([1, 1]))), [np.log(1e-9)], rtol=1e-6)


class Attentive(ScriptedStep):
    """A scripted step whose attention is a row of a table by the previous id."""

    # After A the first source position, after B the second.
    weights = tf.constant([[0.5, 0.5]] * 4 + [[1.0, 0.0], [0.0, 1.0]])

    def attended(self, tokens, state, constants):
        logits, state = self(tokens, state, constants)
        return logits, tf.gather(self.weights, tokens), state


# A: 0.6 · 0.9 = 0.54 with attention (0.5, 0.5), then (1, 0): sums 1.5 and 0.5.
# B B: 0.4 · 0.9 · 0.9 = 0.324 with (0.5, 0.5), (0, 1), (0, 1): 0.5 and 2.5.
# A B: 0.06 · 0.9 with (0.5, 0.5), (1, 0), (0, 1): both covered.
TABLE = {
    (): {A: 0.6, B: 0.4},
    (A,): {EOS: 0.9, B: 0.1},
    (A, B): {EOS: 0.9, A: 0.1},
    (B,): {B: 0.9, EOS: 0.1},
    (B, B): {EOS: 0.9, A: 0.1},
}


def covered(betas, width=3, complete=False):
    step = Attentive([TABLE] * len(betas), 6)
    state, constants = step.start()
    mask = tf.ones([len(betas), 2], tf.bool)
    coverage = CoveragePenalty(step.attended, mask, tf.constant(betas))
    return search(
        coverage.step,
        coverage.initial_state(state),
        constants,
        tf.fill([len(betas)], 8),
        Beam(width),
        end_penalty=coverage.penalty,
        complete=complete,
    )


def test_scores_of_a_search_by_hand():
    found = covered([0.2], complete=True)
    expected = {
        (A, EOS): np.log(0.54) + 0.2 * np.log(0.5),
        (B, B, EOS): np.log(0.324) + 0.2 * np.log(0.5),
        (A, B, EOS): np.log(0.06 * 0.9),
    }
    for ids, score in zip(found.ids.numpy()[0], found.scores.numpy()[0], strict=True):
        np.testing.assert_allclose(score, expected[tuple(ids[ids > 0].tolist())], rtol=1e-5)
    np.testing.assert_allclose(found.log_probabilities[0, 0], np.log(0.54), rtol=1e-5)


def test_a_large_penalty_prefers_the_hypothesis_that_covers_the_source():
    # The two best without the penalty end first; the search must not stop there.
    found = covered([0.0, 5.0])
    assert found.ids.numpy()[0, 0, :3].tolist() == [A, EOS, 0]
    assert found.ids.numpy()[1, 0, :3].tolist() == [A, B, EOS]
    np.testing.assert_allclose(found.scores[1, 0], np.log(0.06 * 0.9), rtol=1e-5)


def test_rows_without_a_penalty_are_those_of_a_search_without_it():
    step = ScriptedStep([TABLE], 6)
    plain = search(step, *step.start(), tf.constant([8]), Beam(3))
    found = covered([0.0])
    for one, other in zip(found, plain, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_row_alone_equals_the_row_in_a_batch():
    together = covered([0.0, 5.0, 0.2])
    for row, beta in enumerate([0.0, 5.0, 0.2]):
        alone = covered([beta])
        steps = alone.ids.shape[2]
        assert together.ids.numpy()[row, :, :steps].tolist() == alone.ids.numpy()[0].tolist()
        np.testing.assert_allclose(together.scores[row], alone.scores[0], rtol=1e-6)


def test_of_rows():
    coverage = CoveragePenalty(None, tf.constant([[True, True], [True, False]]), tf.constant([0.5, 2.0]))
    own = coverage.of_rows(tf.constant([1]))
    assert own.mask.numpy().tolist() == [[True, False]]
    assert own.beta.numpy().tolist() == [2.0]
