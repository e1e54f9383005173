import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.recurrent_encoder import RecurrentEncoder
from tests.support.layers import check_layer

X = tf.random.normal([3, 5, 4], seed=3)
MASK = tf.sequence_mask([5, 3, 1], 5)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_layer_contract(bidirectional):
    config = {"units": 6, "layers": 2, "dropout": 0.3}
    if not bidirectional:
        config["bidirectional"] = False
    layer = check_layer(RecurrentEncoder, config, lambda layer: layer(tf.cast(X, layer.compute_dtype), MASK))
    memory, state, summary = layer(X, MASK)
    assert memory.shape == (3, 5, 6)
    tf.nest.assert_same_structure(state, layer.state_units)
    assert [leaf.shape[1] for leaf in tf.nest.flatten(state)] == tf.nest.flatten(layer.state_units)
    assert layer.state_units == (((3, 3), (3, 3)) if bidirectional else ((6, 6),))
    assert summary.shape == (3, layer.summary_units) == (3, 12)


def test_padding_changes_no_valid_output():
    layer = RecurrentEncoder(6, layers=2)
    memory, _, summary = layer(X, MASK)
    padded = tf.concat([X, 9.0 * tf.ones([3, 4, 4])], axis=1)
    memory_padded, _, summary_padded = layer(padded, tf.pad(MASK, [[0, 0], [0, 4]]))
    np.testing.assert_allclose(summary_padded, summary, atol=1e-6)
    valid = MASK.numpy()
    np.testing.assert_allclose(memory_padded[:, :5].numpy()[valid], memory.numpy()[valid], atol=1e-6)


def test_a_row_alone_gives_what_it_gives_in_a_batch():
    layer = RecurrentEncoder(6)
    memory, _, summary = layer(X, MASK)
    memory_alone, _, summary_alone = layer(X[1:2, :3], MASK[1:2, :3])
    np.testing.assert_allclose(memory_alone[0], memory[1, :3], atol=1e-6)
    np.testing.assert_allclose(summary_alone[0], summary[1], atol=1e-6)


def test_a_row_of_nothing_but_padding_stays_finite():
    memory, _, summary = RecurrentEncoder(6)(X, tf.zeros([3, 5], tf.bool))
    assert np.isfinite(memory).all()
    assert np.isfinite(summary).all()


def test_final_state_is_the_last_state_of_each_direction():
    memory, ((h_forward, c_forward), (h_backward, c_backward)), summary = RecurrentEncoder(6)(X, MASK)
    np.testing.assert_allclose(h_forward[1], memory[1, 2, :3], atol=1e-6)
    np.testing.assert_allclose(h_backward[1], memory[1, 0, 3:], atol=1e-6)
    np.testing.assert_array_equal(summary, tf.concat([h_forward, c_forward, h_backward, c_backward], axis=1))


def test_odd_units_cannot_be_halved():
    with pytest.raises(ConfigError, match="even number when bidirectional, got 5"):
        RecurrentEncoder(5)


@pytest.mark.parametrize(
    ("argument", "value"), [("units", 0), ("layers", 0), ("dropout", 1.5), ("cell", "transistor")]
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        RecurrentEncoder(**{"units": 6, argument: value})
