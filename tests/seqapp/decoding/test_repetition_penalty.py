import numpy as np
import tensorflow as tf

from seqapp.decoding.repetition_penalty import repetition_penalty
from seqapp.large_negative import LARGE_NEGATIVE


def penalised(penalties, before, ids):
    logits = tf.constant([[-1.0, -2.0, -3.0, LARGE_NEGATIVE]] * len(penalties))
    constraint = repetition_penalty(tf.constant(penalties), tf.constant(before))
    return constraint(logits, tf.constant(ids), tf.constant(1)).numpy()


def test_ids_that_occur_become_less_probable():
    found = penalised([2.0, 1.0, 1.5], [[1, 1], [1, 0], [2, 2]], [[[2, 0]], [[2, 0]], [[3, 0]]])
    # The first row holds 1, 1, 2 and padding, 0; the last one 2, 3 and padding.
    expected = [[-2.0, -4.0, -6.0], [-1.0, -2.0, -3.0], [-1.5, -2.0, -4.5]]
    np.testing.assert_allclose(found[:, :3], expected)
    assert (found[:, 3] <= LARGE_NEGATIVE).all()
