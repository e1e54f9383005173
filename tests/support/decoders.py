"""Inputs of decoders, and the contract that every decoder layer meets."""

import tensorflow as tf

from tests.support.layers import check_layer

X = tf.random.normal([2, 4, 3], seed=1)
MEMORY = tf.random.normal([2, 5, 6], seed=2)
MASK = tf.sequence_mask([5, 2], 5)
FINAL_STATE = {"mean": tf.random.normal([2, 5], seed=3), "more": (tf.random.normal([2, 7], seed=4),)}


def teach(layer, x=X, memory=MEMORY, mask=MASK):
    """Vectors and weights of a decoder under teacher forcing."""
    return layer(x, layer.initial_state(FINAL_STATE), layer.constants(memory, mask))


def check_decoder(cls, arguments):
    """Asserts the contract of layers, and the shapes of vectors and weights."""
    units = arguments["units"]
    shapes = {"x_shape": (2, 4, 3), "final_state_shape": (2, 5), "memory_shape": (2, 5, 6)}
    layer = check_layer(
        cls,
        arguments,
        teach,
        input_shape=shapes,
        input_dtype=dict.fromkeys(shapes, "float32"),
        supports_masking=True,
        expected_output_shape=((2, 4, units), (2, 4, 5)),
    )
    vectors, weights = teach(layer)
    assert vectors.shape == (2, 4, units)
    assert weights.shape == (2, 4, 5)
