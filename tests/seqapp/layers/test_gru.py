import numpy as np
import tensorflow as tf

from seqapp.layers.gru import GRU


def test_a_step_by_hand():
    layer = GRU(1)
    layer.build((1, 1, 1))
    # Gates z, r, n. Of x 1: 0, log 3, 0. Of h 1: 0, 0, log 2, and its bias log 2.
    of_x, of_h = [0.0, np.log(3), 0], [0.0, 0, np.log(2)]
    layer.set_weights([np.array(weights) for weights in ([of_x], [of_h], [[0.0, 0, 0], of_h])])
    found = layer(tf.constant([[[1.0]]]), initial_state=tf.constant([[1.0]]))
    # z = ½, r = ¾, n = tanh(¾ · 2 log 2): the reset gate acts on the product and on its bias.
    np.testing.assert_allclose(found, [[0.5 + 0.5 * np.tanh(1.5 * np.log(2))]], rtol=1e-6)
