import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.ngram_embedding import NgramEmbedding
from seqapp.ngram_hashing import ngram_rows


def built(longest, buckets=50, **kwargs):
    layer = NgramEmbedding(10, 2, longest, buckets, **kwargs)
    layer.build()
    layer.embeddings.assign(np.arange(20).reshape(10, 2))
    return layer


def test_one_is_an_ordinary_embedding():
    np.testing.assert_array_equal(built(1)(tf.constant([[3, 0]]))[0], [[[6, 7], [0, 1]]])
    assert len(built(1).weights) == 1


def test_ngrams_add_their_vectors():
    layer = built(2)
    ids = tf.constant([[3, 4]])
    np.testing.assert_array_equal(layer(ids)[0], [[[6, 7], [8, 9]]])  # n-grams begin at zero
    first, second = ngram_rows(ids, 2, 50)[1].numpy()[0]
    assert first != second
    table = np.zeros((50, 2), np.float32)
    table[second] = [0.5, -1.0]
    layer.ngrams.assign(table)
    np.testing.assert_array_equal(layer(ids)[0], [[[6, 7], [8.5, 8]]])


def test_padding_on_the_right_changes_nothing():
    layer = built(3)
    layer.ngrams.assign(np.random.default_rng(1).normal(size=(50, 2)))
    alone, padded = layer(tf.constant([[3, 4]])), layer(tf.constant([[3, 4, 0, 0]]))
    np.testing.assert_array_equal(alone[0], padded[0][:, :2])
    assert padded[1].numpy().tolist() == [[True, True, False, False]]


def test_ngrams_are_dropped_in_training_only():
    layer = built(2, dropout=0.5)
    layer.ngrams.assign(np.ones((50, 2)))
    ids = tf.constant([[3] * 400])
    own = layer.embeddings.numpy()[3]
    kept = (layer(ids, training=True)[0].numpy()[0] - own)[:, 0]
    assert set(kept.tolist()) == {0.0, 2.0}
    assert 100 < (kept == 0).sum() < 300
    np.testing.assert_array_equal(layer(ids, training=False)[0][0] - own, np.ones((400, 2)))


@pytest.mark.parametrize("name", ["vocabulary_size", "size", "longest", "buckets"])
def test_sizes_below_one(name):
    sizes = {"vocabulary_size": 4, "size": 4, "longest": 2, "buckets": 4, name: 0}
    with pytest.raises(ConfigError, match=f"{name}: expected an integer of at least 1, got 0"):
        NgramEmbedding(**sizes)


def test_serialisation_and_half_precision():
    layer = NgramEmbedding(10, 4, 3, 50, dtype="mixed_float16")
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    again.build()
    assert again.get_config() == layer.get_config()
    assert again(tf.constant([[1, 2]]))[0].dtype == tf.float16


def test_dropout_out_of_range():
    with pytest.raises(ConfigError, match="dropout: expected"):
        NgramEmbedding(10, 4, dropout=1.0)
