import numpy as np
import pytest
import tensorflow as tf

from seqapp.decoding.top_k import top_k


def values(kind, rows, columns):
    generator = np.random.default_rng(columns)
    table = generator.normal(size=(rows, columns))
    if kind == "ties":
        table = generator.integers(0, 4, size=(rows, columns))
    if kind == "barred":
        table[:, 3:-2] = -np.inf
    if kind == "nothing":
        table[:] = -np.inf
    return tf.constant(table, tf.float32)


@pytest.mark.parametrize("kind", ["different", "ties", "barred", "nothing"])
@pytest.mark.parametrize("columns", [3, 100, 1024, 1025, 4000])
@pytest.mark.parametrize("k", [1, 5])
def test_equals_that_of_tensorflow(kind, columns, k):
    given = values(kind, 7, columns)
    found = top_k(given, k)
    wanted = tf.math.top_k(given, min(k, columns))
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


def test_of_a_width_that_is_not_known_when_traced():
    traced = tf.function(top_k, input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([], tf.int32)])
    found, columns = traced(tf.constant([[1.0, 3.0, 2.0]]), 2)
    assert found.numpy().tolist() == [[3.0, 2.0]]
    assert columns.numpy().tolist() == [[1, 2]]


def test_no_rows():
    found, columns = top_k(tf.zeros([0, 2000]), 5)
    assert (found.shape, columns.shape) == ((0, 5), (0, 5))
