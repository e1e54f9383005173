import numpy as np
import tensorflow as tf

from seqapp.decoding.length_penalty import length_penalty


def test_by_hand():
    # ((5 + 1) / 6)^α = 1 whatever α is; ((5 + 7) / 6)^2 = 4.
    np.testing.assert_allclose(length_penalty(tf.constant([1, 7]), 2.0), [1.0, 4.0])
    np.testing.assert_allclose(length_penalty(tf.constant([1, 7]), 0.0), [1.0, 1.0])
