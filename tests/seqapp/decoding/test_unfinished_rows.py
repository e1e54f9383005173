"""Rows that are done are left out, and the others do not change."""

import numpy as np
import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.greedy import Greedy
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search
from seqapp.special_ids import EOS_ID

VOCABULARY = 9
LENGTHS = [3, 1, 1, 9, 2, 5, 9, 1]


class Counting:
    """Writes id 5 until a row's length, which is one of its constants; records the rows of each step."""

    def __init__(self):
        self.rows = []

    def __call__(self, tokens, state, constants):
        self.rows.append(int(tf.shape(tokens)[0]))
        width = tf.shape(tokens)[0] // tf.shape(constants)[0]
        ids = tf.where(state + 1 >= tf.repeat(constants, width), EOS_ID, 5)
        return 9.0 * tf.one_hot(ids, VOCABULARY), state + 1


def found_by(step, choice):
    lengths = tf.constant(LENGTHS)
    return search(step, tf.zeros_like(lengths), lengths, tf.fill([len(LENGTHS)], 9), choice)


def test_rows_leave_when_a_quarter_is_done():
    step = Counting()
    found = found_by(step, Greedy())
    # Of 8 rows 3 end at step 1; 5 rows are too few to leave any out.
    assert step.rows == [8, *[5] * 8]
    for ids, length in zip(found.ids[:, 0].numpy().tolist(), LENGTHS, strict=True):
        assert ids == [*[5] * (length - 1), EOS_ID, *[0] * (9 - length)]


def test_samples_are_drawn_for_all_rows():
    step = Counting()
    found_by(step, Sampling(tf.fill([8], 0.1), tf.range(8)))
    assert step.rows == [8] * 9


def test_each_row_is_as_alone_in_a_graph():
    table = tf.constant(np.random.default_rng(5).normal(0, 2, [40, VOCABULARY, VOCABULARY]), tf.float32)

    def step(tokens, state, constants):
        width = tf.shape(tokens)[0] // tf.shape(constants)[0]
        logits = tf.gather_nd(table, tf.stack([tf.repeat(constants, width), tokens], axis=1))
        # What was read grows with each step, as keys and values of a decoder do.
        return logits + 0.1 * tf.reduce_sum(state, axis=1, keepdims=True), tf.concat(
            [state, tf.cast(tokens, tf.float32)[:, tf.newaxis]], axis=1
        )

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.int32)], autograph=False
    )
    def of(rows, longest):
        state = tf.zeros([tf.shape(rows)[0], 0 * tf.shape(rows)[0]])
        return search(step, state, rows, longest, Beam(3), alpha=0.6)

    longest = tf.constant([4 + row % 17 for row in range(40)])
    together = of(tf.range(40), longest)
    for row in range(40):
        alone = of(tf.constant([row]), longest[row : row + 1])
        steps = alone.ids.shape[2]
        np.testing.assert_array_equal(together.ids[row, :, :steps], alone.ids[0])
        assert not together.ids[row, :, steps:].numpy().any()
        np.testing.assert_allclose(together.scores[row], alone.scores[0], rtol=1e-5)
