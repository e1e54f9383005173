import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.positions import LearnedPositions, SinusoidalPositions, sinusoids
from tests.support.layers import check_layer

X = tf.random.normal([2, 5, 6], seed=1)


def test_sinusoids_by_hand():
    # Width 4: the rates are 1 / 10000^0 = 1 and 1 / 10000^(2/4) = 0.01.
    expected = [
        [0.0, 1.0, 0.0, 1.0],
        [np.sin(1), np.cos(1), np.sin(0.01), np.cos(0.01)],
        [np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)],
    ]
    np.testing.assert_allclose(sinusoids(3, 4), expected, atol=1e-6)


def test_sinusoids_of_an_odd_width_end_with_a_sine():
    np.testing.assert_allclose(sinusoids(2, 3)[1, 2], np.sin(10000 ** (-2 / 3)), rtol=1e-5)


def test_far_positions_stay_exact():
    # sin² + cos² = 1, and one is the other a quarter of a turn later, up to float32 angles.
    far = sinusoids(1000, 8).numpy()[999]
    np.testing.assert_allclose(far[:2], [np.sin(999), np.cos(999)], atol=2e-4)
    np.testing.assert_allclose(far[::2] ** 2 + far[1::2] ** 2, 1.0, atol=2e-4)


def test_sinusoidal_positions_are_added():
    np.testing.assert_allclose(SinusoidalPositions()(X)[1], X[1] + sinusoids(5, 6), atol=1e-6)


def test_sinusoidal_layer_contract():
    layer = check_layer(SinusoidalPositions, {}, lambda layer: layer(tf.cast(X, layer.compute_dtype)))
    assert not layer.weights


def test_sinusoids_are_float32_in_half_precision():
    # In float16 the position 2049 would be 2048.
    x = tf.zeros([1, 2050, 2], tf.float16)
    difference = SinusoidalPositions(dtype="mixed_float16")(x)[0, 2049, 0]
    np.testing.assert_allclose(difference, np.sin(2049.0), atol=2e-3)


def test_learned_layer_contract():
    layer = check_layer(
        LearnedPositions, {"max_length": 5}, lambda layer: layer(tf.cast(X, layer.compute_dtype))
    )
    np.testing.assert_allclose(layer(X), X + layer.table.numpy(), atol=1e-6)


def test_beyond_the_learned_positions_the_last_one_repeats():
    layer = LearnedPositions(2)
    layer.build(X.shape)
    layer.table.assign([[1.0] * 6, [2.0] * 6])
    added = (layer(X) - X)[0, :, 0]
    np.testing.assert_allclose(added, [1.0, 2.0, 2.0, 2.0, 2.0], atol=1e-6)


def test_no_positions():
    with pytest.raises(ConfigError, match="max_length: expected an integer of at least 1, got 0"):
        LearnedPositions(0)
