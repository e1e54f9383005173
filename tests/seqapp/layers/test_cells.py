import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.cells import CELLS, check_cell, make_recurrent


@pytest.mark.parametrize("cell", CELLS)
def test_the_state_has_the_widths_of_state_units(cell):
    layer = make_recurrent(cell, 5)
    outputs, *state = layer(tf.zeros([2, 3, 4]))
    assert outputs.shape == (2, 3, 5)
    assert tuple(part.shape[1] for part in state) == CELLS[cell].state_units(5)
    start = CELLS[cell].initial_state([3.0 * tf.ones([2, units]) for units in CELLS[cell].state_units(5)])
    again, *_ = layer(tf.zeros([2, 3, 4]), initial_state=list(start))
    assert np.abs(again - outputs).max() > 1e-3


def test_the_first_state_of_an_lstm():
    h, c = CELLS["lstm"].initial_state([tf.constant([[0.5]]), tf.constant([[2.0]])])
    np.testing.assert_allclose(h, [[np.tanh(0.5)]], rtol=1e-6)
    np.testing.assert_allclose(c, [[2.0]])


@pytest.mark.parametrize("cell", ["gru", "simple_rnn"])
def test_the_first_state_of_the_other_cells(cell):
    (h,) = CELLS[cell].initial_state([tf.constant([[0.5]])])
    np.testing.assert_allclose(h, [[np.tanh(0.5)]], rtol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_of_the_cell_equals_the_layer(cell):
    layer = make_recurrent(cell, 5)
    x = tf.random.normal([2, 3, 4], seed=1)
    outputs, *last = layer(x)
    state = layer.get_initial_state(2)
    for t in range(3):
        output, state = layer.cell(x[:, t], state)
        np.testing.assert_allclose(output, outputs[:, t], atol=1e-6)
    for one, other in zip(state, last, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_unknown_cell():
    with pytest.raises(ConfigError, match="cell: expected one of lstm, gru, simple_rnn, got 'transistor'"):
        check_cell("transistor")
