import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.token_embedding import TokenEmbedding
from tests.support.layers import check_layer

IDS = tf.constant([[3, 1, 0]])


def test_vectors_and_mask():
    layer = TokenEmbedding(4, 2)
    layer.build()
    layer.embeddings.assign(np.arange(8).reshape(4, 2))
    vectors, mask = layer(IDS)
    np.testing.assert_array_equal(vectors, [[[6, 7], [2, 3], [0, 1]]])
    assert mask.numpy().tolist() == [[True, True, False]]
    # The same table: (1, 2) · (6, 7) = 20 and so on.
    np.testing.assert_array_equal(layer.logits(tf.constant([[1.0, 2.0]])), [[2, 8, 14, 20]])


def test_layer_contract():
    config = {"vocabulary_size": 4, "size": 3}
    layer = check_layer(TokenEmbedding, config, lambda layer: layer(IDS))
    assert len(layer.weights) == 1


@pytest.mark.parametrize("name", ["vocabulary_size", "size"])
def test_sizes_below_one(name):
    with pytest.raises(ConfigError, match=f"{name}: expected an integer of at least 1, got 0"):
        TokenEmbedding(**{"vocabulary_size": 4, "size": 3, name: 0})
