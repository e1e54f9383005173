import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.pooling import ContextPooling

MEMORY = tf.constant([[[1.0, 3.0], [3.0, 5.0], [100.0, 100.0]]])
SUMMARY = tf.constant([[7.0, 8.0, 9.0, 10.0]])
MASK = tf.constant([[True, True, False]])


def pooled(kind, mask=MASK):
    layer = ContextPooling(kind)
    layer.build((None, None, 2), (None, 4))
    return layer(MEMORY, SUMMARY, mask)


def test_last_is_the_summary():
    context, weights = pooled("last")
    np.testing.assert_array_equal(context, SUMMARY)
    np.testing.assert_array_equal(weights, [[0, 0, 0]])


def test_mean_over_the_positions_that_count():
    context, weights = pooled("mean")
    np.testing.assert_allclose(context, [[2, 4]])
    np.testing.assert_allclose(weights, [[0.5, 0.5, 0]])


def test_attention_by_hand():
    layer = ContextPooling("attention")
    layer.build((None, None, 2), (None, 4))
    # W picks the first number; tanh(1) and tanh(3), times a query of log(3) / (tanh(3) - tanh(1)),
    # differ by log 3: weights 1/4 and 3/4.
    layer.projection.set_weights([np.array([[1.0, 0.0], [0.0, 0.0]]), np.zeros(2)])
    layer.query.assign([np.log(3) / (np.tanh(3) - np.tanh(1)), 0.0])
    context, weights = layer(MEMORY, SUMMARY, MASK)
    np.testing.assert_allclose(weights, [[0.25, 0.75, 0]], rtol=1e-5)
    np.testing.assert_allclose(context, [[0.25 * 1 + 0.75 * 3, 0.25 * 3 + 0.75 * 5]], rtol=1e-5)


@pytest.mark.parametrize("kind", ["mean", "attention"])
def test_no_position_gives_zeros(kind):
    context, weights = pooled(kind, tf.constant([[False, False, False]]))
    np.testing.assert_array_equal(context, [[0, 0]])
    np.testing.assert_array_equal(weights, [[0, 0, 0]])


def test_an_unknown_kind():
    with pytest.raises(ConfigError, match="kind: expected one of last, mean, attention, got 'max'"):
        ContextPooling("max")


def test_serialisation():
    again = keras.layers.deserialize(keras.layers.serialize(ContextPooling("mean")))
    assert again.kind == "mean"
