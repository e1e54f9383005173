import numpy as np
import tensorflow as tf

from seqapp.decoding.choice import Chosen
from seqapp.decoding.hypotheses import NONE
from seqapp.decoding.log_probabilities import LogProbabilities
from seqapp.decoding.prefix import force, forced_ids


def test_forced_ids_end_at_the_first_padding():
    prefix = tf.constant([[4, 5, 0], [0, 0, 0], [4, 0, 5]])
    assert forced_ids(prefix, 5).numpy().tolist() == [[4, 5, 0, 0, 0], [0] * 5, [4, 0, 0, 0, 0]]
    assert forced_ids(prefix, 1).numpy().tolist() == [[4], [0], [4]]
    assert forced_ids(prefix[:, :0], 2).numpy().tolist() == [[0, 0]] * 3


def test_force():
    chosen = Chosen(
        ends=tf.constant([[True, False]] * 3),
        parents=tf.constant([[1, 0]] * 3),
        tokens=tf.constant([[4, 4]] * 3),
        log_probabilities=tf.fill([3, 2], -7.0),
    )
    # Row 0 goes on with 3, row 1 ends, row 2 is free; the second hypothesis of each is none.
    own = LogProbabilities.given(tf.repeat(tf.constant([[-1.0, -2.0, -3.0, -4.0, -5.0]]), 6, axis=0))
    totals = tf.constant([[-1.0, NONE]] * 3)
    found = force(chosen, tf.constant([3, 2, 0]), own, totals)
    assert found.ends.numpy().tolist() == [[False, False], [True, True], [True, False]]
    assert found.parents.numpy().tolist() == [[0, 1], [0, 1], [1, 0]]
    assert found.tokens.numpy().tolist() == [[3, 3], [2, 2], [4, 4]]
    np.testing.assert_allclose(found.log_probabilities, [[-5, NONE], [NONE] * 2, [-7, -7]])
