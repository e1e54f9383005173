import numpy as np
import tensorflow as tf

from seqapp.layers.simple_rnn import SimpleRNN


def test_two_steps_by_hand():
    layer = SimpleRNN(1, return_sequences=True)
    layer.build((1, 2, 1))
    layer.set_weights([np.array(weights) for weights in ([[2.0]], [[0.5]], [-1.0])])
    # tanh(2 · 1 - 1), then tanh(2 · 0 + ½ h - 1).
    first = np.tanh(1.0)
    found = layer(tf.constant([[[1.0], [0.0]]]))
    np.testing.assert_allclose(found, [[[first], [np.tanh(0.5 * first - 1)]]], rtol=1e-6)
