import numpy as np
import tensorflow as tf

from seqapp.decoding.constraints import minimum_length, no_padding_or_begin
from seqapp.large_negative import LARGE_NEGATIVE


def test_padding_and_begin_are_barred():
    logits = no_padding_or_begin(tf.zeros([2, 5]))
    np.testing.assert_array_equal(logits, [[LARGE_NEGATIVE, LARGE_NEGATIVE, 0, 0, 0]] * 2)


def test_eos_is_barred_until_the_minimum_length():
    # Two hypotheses of each row; at t = 1 a second id is chosen.
    bar = minimum_length(tf.constant([1, 2, 3]))
    logits = bar(tf.zeros([6, 4]), tf.zeros([3, 2, 4], tf.int32), tf.constant(1))
    np.testing.assert_array_equal(logits[:4], np.zeros([4, 4]))
    np.testing.assert_array_equal(logits[4:], [[0, 0, LARGE_NEGATIVE, 0]] * 2)
