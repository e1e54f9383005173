import numpy as np
import tensorflow as tf

from seqapp.layers.rotary_positions import rotated


def test_by_hand():
    # D = 4: columns 0 and 2 turn by p, columns 1 and 3 by p / 100.
    found = rotated(tf.constant([[1.0, 0.0, 0.0, 1.0]] * 2), tf.constant([0, 2]))
    np.testing.assert_allclose(found[0], [1, 0, 0, 1])
    expected = [np.cos(2), -np.sin(0.02), np.sin(2), np.cos(0.02)]
    np.testing.assert_allclose(found[1], expected, rtol=1e-5)


def test_products_depend_on_distances_only():
    query, key = tf.random.normal([2, 6], seed=1)

    def product(one, other):
        return tf.reduce_sum(rotated(query, tf.constant(one)) * rotated(key, tf.constant(other)))

    np.testing.assert_allclose(product(7, 3), product(104, 100), atol=1e-4)
    assert abs(product(7, 3) - product(7, 4)) > 1e-3


def test_lengths_stay_and_so_does_the_type():
    x = tf.random.normal([2, 3, 5, 4], seed=2)
    found = rotated(x, tf.range(5))
    np.testing.assert_allclose(tf.norm(found, axis=-1), tf.norm(x, axis=-1), rtol=1e-5)
    assert rotated(tf.cast(x, tf.bfloat16), tf.range(5)).dtype == tf.bfloat16
