import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.causal_transformer_encoder import CausalTransformerEncoder
from tests.support.layers import check_layer

X = tf.random.normal([3, 5, 4], seed=3)
MASK = tf.sequence_mask([5, 3, 1], 5)
VALID = MASK.numpy()


@pytest.mark.parametrize("width", [8, 4])
def test_layer_contract(width):
    config = {"units": width, "layers": 2, "heads": 2, "feedforward_units": 12, "window": 3, "dropout": 0.3}
    layer = check_layer(
        CausalTransformerEncoder, config, lambda layer: layer(tf.cast(X, layer.compute_dtype), MASK)
    )
    memory, (last,), summary = layer(X, MASK)
    assert memory.shape == (3, 5, width)
    assert layer.state_units == (width,)
    assert last.shape == summary.shape == (3, layer.summary_units) == (3, width)
    assert (layer.projection is None) == (width == 4)


def test_no_position_reads_a_later_one():
    layer = CausalTransformerEncoder(8, layers=2)
    changed = tf.concat([X[:, :3], -X[:, 3:]], axis=1)
    difference = np.abs(layer(changed)[0] - layer(X)[0]).max(axis=(0, 2))
    assert (difference[:3] < 1e-6).all()
    assert (difference[3:] > 1e-3).all()


def test_the_window_slides():
    # One layer and a window of 2: position 2 reads positions 1 and 2.
    layer = CausalTransformerEncoder(8, window=2)
    changed = tf.concat([-X[:, :1], X[:, 1:]], axis=1)
    difference = np.abs(layer(changed)[0] - layer(X)[0]).max(axis=(0, 2))
    assert (difference[:2] > 1e-3).all()
    assert (difference[2:] < 1e-6).all()


def test_final_state_and_summary_are_the_memory_at_the_last_valid_position():
    memory, (last,), summary = CausalTransformerEncoder(8, layers=2)(X, MASK)
    np.testing.assert_array_equal(last, tf.stack([memory[0, 4], memory[1, 2], memory[2, 0]]))
    np.testing.assert_array_equal(summary, last)


def test_padding_changes_no_valid_output():
    layer = CausalTransformerEncoder(8, layers=2)
    memory, _, summary = layer(X, MASK)
    padded = tf.concat([X, 9.0 * tf.ones([3, 4, 4])], axis=1)
    memory_padded, _, summary_padded = layer(padded, tf.pad(MASK, [[0, 0], [0, 4]]))
    np.testing.assert_allclose(summary_padded, summary, atol=1e-5)
    np.testing.assert_allclose(memory_padded[:, :5].numpy()[VALID], memory.numpy()[VALID], atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"units": 9, "heads": 4}, "units: expected a multiple of the 4 heads, got 9"),
        ({"units": 6, "heads": 2}, "units: expected an even width per head for rotary positions, got 6"),
        ({"units": 8, "layers": 0}, "layers: expected"),
        ({"units": 8, "window": 0}, "window: expected"),
        ({"units": 8, "dropout": 1.0}, "dropout: expected"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ConfigError, match=message):
        CausalTransformerEncoder(**arguments)
