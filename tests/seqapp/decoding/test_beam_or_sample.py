import numpy as np
import tensorflow as tf

from seqapp.decoding.beam import Beam
from seqapp.decoding.beam_or_sample import beam_or_sample
from seqapp.decoding.row_search import RowSearch, Start
from seqapp.decoding.sampling import Sampling
from seqapp.decoding.search import search

# Logits of the next id by the last one: 4 and 5 are likely, 2 (EOS) ends.
TABLE = tf.constant(np.random.default_rng(1).normal(size=(6, 6)), tf.float32)


def step(tokens, state, constants):
    return tf.gather(TABLE, tokens), state


def test_each_row_is_as_if_it_were_alone():
    longest, shortest, alpha = tf.constant([4, 4, 5]), tf.constant([0, 0, 2]), tf.constant([1.0, 0.5, 0.0])
    state = tf.zeros([3, 1])
    found = beam_or_sample(
        RowSearch(step, Start(state, state, longest, shortest, alpha)),
        tf.constant([0.0, 0.7, 0.0]),
        tf.constant([0, 5, 0], tf.int64),
        2,
        lambda one: [one.scores[:, 0], tf.reduce_sum(one.ids[:, 0], axis=1)],
    )
    for row, choice in enumerate(
        (Beam(2), Sampling(tf.constant([0.7]), tf.constant([5], tf.int64)), Beam(2))
    ):
        own = slice(row, row + 1)
        alone = search(
            step, state[own], state[own], longest[own], choice, min_lengths=shortest[own], alpha=alpha[own]
        )
        np.testing.assert_allclose(found[0][row], alone.scores[0, 0], rtol=1e-6)
        assert int(found[1][row]) == int(tf.reduce_sum(alone.ids[0, 0]))
