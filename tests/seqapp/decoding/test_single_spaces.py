import numpy as np
import tensorflow as tf

from seqapp.decoding.single_spaces import single_spaces
from seqapp.large_negative import LARGE_NEGATIVE


def test_no_id_with_a_space_follows_a_space():
    # PAD; " "; " a"; "b".
    begins, ends = np.array([False, True, True, False]), np.array([False, True, False, False])
    logits = tf.zeros([4, 4])
    ids = tf.constant([[[1, 0], [2, 0]], [[3, 0], [0, 0]]])
    found = single_spaces(begins, ends)(logits, ids, tf.constant(1)).numpy()
    # Only the first hypothesis ends in a space.
    np.testing.assert_array_equal(found[0], [0, LARGE_NEGATIVE, LARGE_NEGATIVE, 0])
    assert not found[1:].any()


def test_any_id_comes_first():
    found = single_spaces(np.array([False, True]), np.array([False, True]))
    assert not found(tf.zeros([1, 2]), tf.constant([[[1, 1]]]), tf.constant(0)).numpy().any()
