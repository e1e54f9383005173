import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.causal_transformer_layer import CausalTransformerLayer
from tests.support.layers import check_layer

X = tf.random.normal([2, 6, 8], seed=1)


@pytest.mark.slow
def test_layer_contract():
    check_layer(
        CausalTransformerLayer,
        {
            "units": 8,
            "heads": 2,
            "feedforward_units": 12,
            "activation": "gelu",
            "window": 3,
            "dropout": 0.3,
        },
        lambda layer: layer(X),
        input_shape=(2, 6, 8),
        supports_masking=True,
        expected_output_shape=((2, 6, 8), (2, 2, 6, 6)),
    )


def test_one_vector_by_hand():
    # units 2, weights 0 except two biases: attention adds (1, 0), the feed-forward network (0, 3).
    layer = CausalTransformerLayer(2, 1)
    layer.build((None, None, 2))
    layer.set_weights([np.zeros(w.shape) for w in layer.weights])
    layer.self_attention.output_projection.bias.assign([1.0, 0.0])
    layer.reduce.bias.assign([0.0, 3.0])
    np.testing.assert_allclose(layer(tf.constant([[[5.0, 7.0]]]))[0], [[[6.0, 10.0]]])


@pytest.mark.parametrize("window", [None, 3])
def test_position_by_position_equals_the_sequence(window):
    layer = CausalTransformerLayer(8, 2, window=window)
    expected, weights = layer(X)
    assert weights.shape == (2, 2, 6, 6)
    cache = layer.self_attention.empty_cache(2, window or 6)
    for t in range(6):
        x, _, cache = layer(X[:, t : t + 1], cache=cache, position=tf.fill([2], t))
        np.testing.assert_allclose(x[:, 0], expected[:, t], atol=1e-5)


def test_dropout_only_in_training():
    layer = CausalTransformerLayer(8, 2, dropout=0.5)
    np.testing.assert_array_equal(layer(X)[0], layer(X)[0])
    assert np.abs(layer(X, training=True)[0] - layer(X)[0]).max() > 1e-3


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("units", 0),
        ("units", 6),
        ("heads", 0),
        ("feedforward_units", 0),
        ("window", 0),
        ("dropout", 1.0),
        ("activation", "tanh"),
    ],
)
def test_arguments_out_of_range(argument, value):
    with pytest.raises(ConfigError, match=f"{argument}: expected"):
        CausalTransformerLayer(**{"units": 8, "heads": 2, argument: value})
