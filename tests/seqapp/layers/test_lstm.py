import numpy as np
import tensorflow as tf

from seqapp.layers.lstm import LSTM


def test_a_step_by_hand():
    layer = LSTM(1)
    layer.build((1, 1, 1))
    # Gates i, f, g, o of x 1 and h 0: pre-activations 0, 0, log 2 and 0.
    layer.set_weights([np.array([[0.0, 0, np.log(2), 0]]), np.zeros([1, 4]), np.zeros(4)])
    h, c = layer.cell(tf.constant([[1.0]]), [tf.constant([[0.0]]), tf.constant([[1.0]])])[1]
    # tanh(log 2) = 0.6: c = ½ · 1 + ½ · 0.6 = 0.8.
    np.testing.assert_allclose(c, [[0.8]], rtol=1e-6)
    np.testing.assert_allclose(h, [[0.5 * np.tanh(0.8)]], rtol=1e-6)
    outputs = layer(tf.constant([[[1.0]]]), initial_state=[tf.constant([[0.0]]), tf.constant([[1.0]])])
    np.testing.assert_allclose(outputs, h, rtol=1e-6)
