import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.bridge import Bridge
from tests.support.layers import check_layer

STATE = ((tf.constant([[1.0, 2.0]]), tf.constant([[3.0]])),)


def test_parts_by_hand():
    # (1, 2, 3) times columns that pick 1 and 3, and the sum: (1, 3) and (6), plus the bias.
    layer = Bridge([2, 1])
    layer.build((((None, 2), (None, 1)),))
    layer.projection.set_weights([np.array([[1, 0, 1], [0, 0, 1], [0, 1, 1]]), np.array([0.5, 0, 0])])
    first, second = layer(STATE)
    np.testing.assert_allclose(first, [[1.5, 3.0]])
    np.testing.assert_allclose(second, [[6.0]])


def test_one_part():
    layer = Bridge([2])
    (part,) = layer(STATE)
    np.testing.assert_array_equal(part, layer.projection(tf.constant([[1.0, 2.0, 3.0]])))


@pytest.mark.parametrize("shape", [(4, 3), ((4, 3), (4, 2)), [[(4, 3), (4, 2)], [(4, 1)]]])
def test_layer_contract(shape):
    check_layer(
        Bridge,
        {"part_units": [2, 4, 3]},
        lambda layer: layer(STATE),
        input_shape=shape,
        expected_output_shape=[(4, 2), (4, 4), (4, 3)],
        run_training_check=False,  # it has a loss for one output only
    )


def test_integers():
    state = [tf.constant([[1, 2]]), tf.constant([[3]])]
    assert [part.dtype for part in Bridge([2, 1])(state)] == ["float32", "float32"]


def test_a_part_without_width():
    with pytest.raises(ConfigError, match="part_units: expected an integer of at least 1, got 0"):
        Bridge([2, 0])


@pytest.mark.parametrize("part_units", [[], 5, "12"])
def test_no_list_of_parts(part_units):
    with pytest.raises(ConfigError, match="part_units: expected a list of at least one width, got"):
        Bridge(part_units)
