import math

import numpy as np
import pytest
import tensorflow as tf

from seqapp.models.sliced_log_probabilities import sliced_log_probabilities
from tests.support.language_models import small_network

# Logits of which the softmax is known: 1/4 and 3/4, 1/2 twice, 1 and 0.
ROWS = [[0.0, math.log(3)], [5.0, 5.0], [100.0, -100.0]]


@pytest.mark.parametrize("most_logits", [1, 2, 4, 5, 6, 100])
def test_slices_of_any_size(most_logits):
    sizes = []

    def logits(vectors):
        sizes.append(int(vectors.shape[0]))
        return vectors

    found = sliced_log_probabilities(logits, tf.constant(ROWS), tf.constant([1, 0, 0]), 2, most_logits)
    np.testing.assert_allclose(found, [math.log(3 / 4), math.log(1 / 2), 0.0], rtol=1e-6, atol=1e-7)
    assert sum(sizes) == 3
    assert max(sizes) == min(3, max(1, most_logits // 2))


def test_no_vectors_in_a_graph():
    @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([None], tf.int32)], autograph=False)
    def traced(vectors, targets):
        return sliced_log_probabilities(tf.identity, vectors, targets, 2, most_logits=4)

    assert traced(tf.zeros([0, 2]), tf.zeros([0], tf.int32)).shape == (0,)
    np.testing.assert_allclose(traced(tf.zeros([3, 2]), tf.zeros([3], tf.int32)), [-math.log(2)] * 3)


@pytest.mark.parametrize("name", ["lstm", "sliding"])
def test_the_log_probabilities_are_those_of_the_logits(name):
    network = small_network(name)
    ids = tf.constant([[1, 5, 6, 7, 2], [1, 8, 2, 0, 0]])
    expected = tf.nn.log_softmax(network(ids[:, :-1])).numpy()
    found = network.sequence(ids).numpy()
    for row, column in ((0, 0), (0, 3), (1, 1)):
        target = int(ids[row, column + 1])
        assert found[row, column] == pytest.approx(expected[row, column, target], rel=1e-5)
    assert found[1, 2:].tolist() == [0.0, 0.0]
