"""What Keras expects of every layer: masks, types, shapes, building, saving."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.src.testing import TestCase

from seqapp.layers.causal_transformer_encoder import CausalTransformerEncoder
from seqapp.layers.ngram_embedding import NgramEmbedding
from seqapp.layers.pooling import ContextPooling
from seqapp.layers.positions import LearnedPositions, SinusoidalPositions
from seqapp.layers.self_attention import SelfAttention
from seqapp.layers.token_dropout import TokenDropout
from seqapp.layers.transformer_encoder import TransformerEncoder
from seqapp.layers.transformer_encoder_layer import TransformerEncoderLayer

X = tf.random.normal([3, 5, 8], seed=3)
IDS = tf.constant([[4, 5, 6, 7, 2], [8, 9, 2, 0, 0], [2, 0, 0, 0, 0]])
MASK = tf.not_equal(IDS, 0)
# Sequences [B, S, 8] in: class, arguments, whether the first output keeps the mask.
OF_SEQUENCES = [
    (SelfAttention, {"units": 6, "value_units": 3, "causal": True}, True),
    (TransformerEncoderLayer, {"units": 8, "heads": 2, "dropout": 0.1}, True),
    (TransformerEncoder, {"units": 6, "layers": 2, "heads": 2}, True),
    (TransformerEncoder, {"units": 8, "heads": 2, "positions": "learned", "max_length": 3}, True),
    (CausalTransformerEncoder, {"units": 6, "layers": 2, "heads": 3}, True),
    (ContextPooling, {"kind": "attention"}, False),
    (ContextPooling, {"kind": "mean"}, False),
    (SinusoidalPositions, {}, True),
    (LearnedPositions, {"max_length": 3}, True),
]
OF_IDS = [
    (NgramEmbedding, {"vocabulary_size": 10, "size": 4, "longest": 2, "buckets": 16}),
    (TokenDropout, {"rate": 0.3}),
]
sequences = pytest.mark.parametrize(("cls", "config", "keeps_mask"), OF_SEQUENCES)
of_ids = pytest.mark.parametrize(("cls", "config"), OF_IDS)
# Positions take no mask, and the memory of a causal encoder does not depend on padding after it.
WITHOUT_MASK = (SinusoidalPositions, LearnedPositions, CausalTransformerEncoder)
TAKE_A_MASK = [case[:2] for case in OF_SEQUENCES if case[0] not in WITHOUT_MASK]
with_mask = pytest.mark.parametrize(("cls", "config"), TAKE_A_MASK)


def flat(nest):
    return keras.tree.flatten(nest)


def assert_close(ones, others, **tolerances):
    for one, other in zip(flat(ones), flat(others), strict=True):
        np.testing.assert_allclose(tf.cast(one, "float64"), tf.cast(other, "float64"), **tolerances)


def masked_input():
    """X with the Keras mask of IDS."""
    x = keras.layers.Embedding(10, 8, mask_zero=True)(IDS)
    assert x._keras_mask is not None
    return x


@pytest.mark.slow
@sequences
@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed:UserWarning")
@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights:UserWarning")
def test_the_layer_test_of_keras(cls, config, keeps_mask):
    TestCase().run_layer_test(cls, init_kwargs=config, input_shape=(3, 5, 8), supports_masking=True)


@of_ids
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_the_layer_test_of_keras_with_ids(cls, config, dtype):
    TestCase().run_layer_test(
        cls,
        init_kwargs=config,
        input_shape=(3, 5),
        input_dtype=dtype,
        supports_masking=True,
        run_training_check=False,
    )


def test_the_layer_test_of_keras_with_a_summary():
    TestCase().run_layer_test(
        ContextPooling,
        init_kwargs={"kind": "last"},
        input_shape={"memory_shape": (3, 5, 8), "summary_shape": (3, 4)},
        input_dtype={"memory_shape": "float32", "summary_shape": "float32"},
        expected_output_shape=((3, 4), (3, 5)),
        run_training_check=False,
        supports_masking=True,
    )


@with_mask
def test_the_mask_of_keras_is_the_mask(cls, config):
    layer, x = cls(**config), masked_input()
    assert_close(layer(x), layer(tf.identity(x), mask=MASK), atol=1e-6)
    everywhere = layer(tf.identity(x), mask=tf.ones_like(MASK))
    assert_close(layer(tf.identity(x)), everywhere, atol=1e-6)
    assert np.abs(flat(layer(x))[0] - flat(everywhere)[0]).max() > 1e-3


@with_mask
def test_masks_of_numbers(cls, config):
    layer = cls(**config)
    for dtype in ("int32", "float32"):
        assert_close(layer(X, mask=tf.cast(MASK, dtype)), layer(X, mask=MASK), atol=1e-6)


@sequences
def test_the_mask_goes_on_with_the_sequence_only(cls, config, keeps_mask):
    first, *others = flat(cls(**config)(masked_input()))
    masks = [getattr(each, "_keras_mask", None) for each in (first, *others)]
    assert (masks[0] is not None) == keeps_mask
    if keeps_mask:
        np.testing.assert_array_equal(masks[0], MASK)
    assert all(mask is None for mask in masks[1:])


def test_the_pooling_takes_the_mask_of_the_memory_beside_a_summary():
    layer, memory = ContextPooling("mean"), masked_input()
    summary = tf.zeros([3, 2])
    assert_close(layer(memory, summary), layer(tf.identity(memory), summary, mask=MASK))
    assert getattr(layer(memory, summary)[0], "_keras_mask", None) is None


def test_an_embedding_gives_its_mask_to_keras():
    vectors, mask = NgramEmbedding(10, 4, 2, 16)(IDS)
    np.testing.assert_array_equal(vectors._keras_mask, MASK)
    np.testing.assert_array_equal(mask, MASK)


def test_the_last_pooling_needs_a_summary():
    for memory in (X, keras.Input([5, 8])):
        with pytest.raises(ValueError, match="summary: expected the encoder's summary"):
            ContextPooling("last")(memory)


@pytest.mark.parametrize("policy", ["float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16"])
@sequences
def test_types(cls, config, keeps_mask, policy):
    exact = cls(**config)
    expected = exact(X, **({} if cls in (SinusoidalPositions, LearnedPositions) else {"mask": MASK}))
    layer = cls(**config, dtype=policy)
    layer.build(X.shape)
    layer.set_weights(exact.get_weights())
    found = layer(X, **({} if cls in (SinusoidalPositions, LearnedPositions) else {"mask": MASK}))
    assert flat(found)[0].dtype == layer.compute_dtype
    for spec, one in zip(flat(layer.compute_output_spec(X)), flat(found), strict=True):
        assert (spec.dtype, spec.shape) == (one.dtype.name, one.shape)
    assert flat(layer.compute_output_shape(X.shape)) == flat([tuple(one.shape) for one in flat(found)])
    scale = 1 + np.abs(flat(expected)[0]).max()
    assert_close(found, expected, atol=scale * {"float64": 1e-6}.get(policy, 4e-2))


def test_positions_in_float64_are_exact():
    x = tf.zeros([1, 1001, 2], tf.float64)
    found = SinusoidalPositions(dtype="float64")(x)[0, 1000]
    np.testing.assert_allclose(found, [np.sin(1000.0), np.cos(1000.0)], rtol=1e-12)


@sequences
def test_numbers_that_are_no_floats(cls, config, keeps_mask):
    layer = cls(**config)
    whole = tf.cast(tf.round(4 * X), "int32")
    assert_close(layer(whole), layer(tf.cast(whole, "float32")), atol=1e-6)


@of_ids
@pytest.mark.parametrize("dtype", ["int64", "uint8", "int16", "float32", "float64"])
@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_ids_of_other_types(cls, config, dtype, policy):
    layer = cls(**config, dtype=policy)
    assert_close(layer(tf.cast(IDS, dtype), training=False), layer(IDS, training=False), rtol=0)
    keras.tree.map_structure(lambda one: one.dtype, layer(tf.cast(IDS, dtype), training=True))


def test_large_ids_that_arrive_as_floats_stay_exact_in_half_precision():
    ids = tf.constant([[2049.0, 4097.0]])
    assert TokenDropout(0.1, dtype="mixed_float16")(ids).numpy().tolist() == [[2049, 4097]]
    layer = NgramEmbedding(5000, 2, 1, dtype="mixed_float16")
    assert_close(layer(ids), layer(tf.cast(ids, "int32")))


def functional(cls, config):
    ids = keras.Input([None], dtype="int32")
    x = keras.layers.Embedding(10, 8, mask_zero=True)(ids)
    return keras.Model(ids, flat(cls(**config)(x))[0])


@pytest.mark.slow
@sequences
def test_a_functional_model_is_saved_and_loaded(cls, config, keeps_mask, tmp_path):
    model = functional(cls, config)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert_close(again(IDS), model(IDS), atol=1e-6)
    layer = model.layers[-1]
    assert_close(model(IDS), flat(layer(model.layers[1](IDS)))[0], atol=1e-6)


def test_a_functional_model_of_ids():
    ids = keras.Input([None], dtype="int64")
    vectors, _ = NgramEmbedding(10, 8, 2, 16)(TokenDropout(0.1)(ids))
    memory, _, summary = TransformerEncoder(8, heads=2)(vectors)
    context, _ = ContextPooling("attention")(memory, summary)
    model = keras.Model(ids, keras.layers.Dense(2)(context))
    padded = tf.pad(IDS, [[0, 0], [0, 3]])
    assert_close(model(padded), model(IDS), atol=1e-5)
