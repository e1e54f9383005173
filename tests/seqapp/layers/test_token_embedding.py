import keras
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
    layer = check_layer(
        TokenEmbedding,
        {"vocabulary_size": 4, "size": 3},
        lambda layer: layer(IDS),
        input_shape=(2, 5),
        input_dtype="int32",
        supports_masking=True,
        expected_output_shape=((2, 5, 3), (2, 5)),
        run_training_check=False,  # it has a loss for one output only
    )
    assert len(layer.weights) == 1


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64", "float32", "float64"])
def test_ids_of_any_type(dtype):
    layer = TokenEmbedding(4, 2, dtype="mixed_float16")
    vectors, mask = layer(tf.cast(IDS, dtype))
    np.testing.assert_array_equal(vectors, layer(IDS)[0])
    assert mask.numpy().tolist() == [[True, True, False]]


def test_ids_as_floats_are_not_rounded_to_half_precision():
    layer = TokenEmbedding(2100, 2, dtype="mixed_float16")
    np.testing.assert_array_equal(layer(tf.constant([2049.0]))[0], layer(tf.constant([2049]))[0])


def test_the_vectors_have_a_keras_mask_and_the_logits_none():
    layer = TokenEmbedding(4, 2)
    vectors, _ = layer(IDS)
    assert vectors._keras_mask.numpy().tolist() == [[True, True, False]]
    assert not hasattr(layer.logits(tf.zeros([1, 3, 2])), "_keras_mask")


def test_a_functional_model_with_tied_logits_saves_and_loads(tmp_path):
    embedding, ids = TokenEmbedding(4, 2), keras.Input([None], dtype="int32")
    vectors, _ = embedding(ids)
    model = keras.Model(ids, embedding.logits(vectors))
    assert len(model.weights) == 1
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(IDS), model(IDS))


@pytest.mark.parametrize("name", ["vocabulary_size", "size"])
def test_sizes_below_one(name):
    with pytest.raises(ConfigError, match=f"{name}: expected an integer of at least 1, got 0"):
        TokenEmbedding(**{"vocabulary_size": 4, "size": 3, name: 0})
