import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.src.testing import TestCase

from seqapp.errors import ConfigError
from seqapp.layers.multi_head_attention import MultiHeadAttention

X = tf.random.normal([2, 4, 6], seed=1)
MEMORY = tf.random.normal([2, 5, 7], seed=2)
MASK = tf.sequence_mask([4, 2], 4)[:, tf.newaxis]


def allowed(*shape):
    """A random bool mask in which every row of the last axis allows something."""
    mask = np.random.default_rng(7).random(shape) < 0.6
    mask[..., 0] = True
    return tf.constant(mask)


def pair(query_shape, value_shape, *key_shape, **options):
    """Our layer and Keras's, with the same weights."""
    random.seed(3)  # Keras draws its seeds from it
    layers = MultiHeadAttention(2, 3, **options), keras.layers.MultiHeadAttention(2, 3, **options)
    for layer in layers:
        layer.build(query_shape, value_shape, *key_shape)
    layers[0].set_weights(layers[1].get_weights())
    return layers


def outputs_and_gradients(layer, *inputs, **options):
    inputs = [tf.identity(each) for each in inputs]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = tf.nest.flatten(layer(*inputs, **options))
        total = tf.add_n([tf.reduce_sum(tf.cast(o, tf.float64) ** 2) for o in outputs])
    # The gradient of the key's bias is 0, which in half precision is rounding noise of its parts.
    weights = [weight.value for weight in layer.trainable_weights if "key/bias" not in weight.path]
    return outputs, tape.gradient(total, [*inputs, *weights])


def assert_same(layers, *inputs, tolerance=1e-5, **options):
    """The same outputs, types and gradients of inputs and weights."""
    ours, theirs = (outputs_and_gradients(layer, *inputs, **options) for layer in layers)
    for one, other in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
        assert one.dtype == other.dtype
        scale = 1 + np.abs(tf.cast(other, tf.float64)).max()
        np.testing.assert_allclose(
            tf.cast(one, tf.float64), tf.cast(other, tf.float64), rtol=0, atol=tolerance * scale
        )


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_bias": False},
        {"value_dim": 5},
        {"output_shape": 8},
        {"output_shape": (2, 4)},
        {"dropout": 0.5},
        {"use_gate": True},
        {"sliding_window": 2},
        {"kernel_initializer": "orthogonal", "kernel_regularizer": "l2", "bias_initializer": "ones"},
    ],
    ids=str,
)
def test_constructor_arguments_are_those_of_keras(options, scores):
    layers = pair(X.shape, MEMORY.shape, **options)
    if "sliding_window" not in options:  # both together leave a query nothing to attend to
        assert_same(layers, X, MEMORY, attention_mask=allowed(2, 4, 5), return_attention_scores=scores)
    assert_same(layers, X, MEMORY, return_attention_scores=scores)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize(
    "shape", [None, (2, 4, 5), (4, 5), (1, 4, 5), (2, 1, 5), (2, 2, 4, 5), (1, 2, 4, 5), (2, 1, 4, 5), (1, 5)]
)
def test_masks_of_every_rank_are_those_of_keras(shape, scores, causal):
    mask = None if shape is None else allowed(*shape)
    options = {"return_attention_scores": scores, "use_causal_mask": causal}
    assert_same(pair(X.shape, MEMORY.shape), X, MEMORY, attention_mask=mask, **options)


def test_a_mask_without_a_batch_axis_goes_over_queries_where_there_are_as_many_heads():
    x = X[:, :2]
    mask = tf.constant([[True, False], [True, True]])
    for layer in pair(x.shape, x.shape):
        _, weights = layer(x, x, attention_mask=mask, return_attention_scores=True)
        assert (weights.numpy() > 0).tolist() == [[[[True, False], [True, True]]] * 2] * 2


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32"])
def test_masks_of_other_types(dtype):
    mask = tf.cast(allowed(2, 4, 5), dtype)
    assert_same(pair(X.shape, MEMORY.shape), X, MEMORY, attention_mask=mask)


@pytest.mark.parametrize("scores", [False, True])
def test_the_masks_of_query_value_and_key_are_those_of_keras(scores):
    key = tf.random.normal([2, 5, 3], seed=3)
    masks = {"value_mask": tf.sequence_mask([5, 2], 5), "key_mask": tf.sequence_mask([4, 5], 5)}
    layers = pair(X.shape, MEMORY.shape, key.shape)
    assert_same(layers, X, MEMORY, key, return_attention_scores=scores, **masks)

    def embedded(layer):
        query = keras.layers.Embedding(9, 6, mask_zero=True, embeddings_initializer="ones")
        outputs = layer(query(tf.constant([[1, 2, 3], [4, 0, 0]])), MEMORY, key, return_attention_scores=True)
        return outputs, outputs[0]._keras_mask

    for one, other in zip(*(tf.nest.flatten(embedded(layer)) for layer in layers), strict=True):
        # A query that is padding attends to nothing; Keras's mean over all keys is masked anyway.
        one, other = (np.asarray(each, "float32")[:1] for each in (one, other))
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("scores", [False, True])
def test_a_mask_with_heads_is_combined_with_that_of_the_value(scores):
    layer, mask = MultiHeadAttention(2, 3), allowed(2, 2, 4, 5)
    of_value = tf.sequence_mask([5, 2], 5)
    options = {"return_attention_scores": scores}
    found = layer(X, MEMORY, attention_mask=mask, value_mask=of_value, **options)
    by_hand = layer(X, MEMORY, attention_mask=mask & of_value[:, tf.newaxis, tf.newaxis], **options)
    for one, other in zip(tf.nest.flatten(found), tf.nest.flatten(by_hand), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize(
    ("axes", "mask"),
    [
        ((1, 2), None),
        ((1, 2), (2, 3, 4, 3, 4)),
        ((1, 2), (3, 4, 3, 4)),
        ((2,), None),
        ((2,), (4, 4)),
        ((2,), (2, 3, 2, 4, 4)),
        ((1,), (3, 3)),
        ((-2,), None),
        (2, None),
        (None, (2, 2, 3, 4, 3, 4)),
    ],
)
def test_attention_axes_are_those_of_keras(axes, mask, scores):
    x = tf.random.normal([2, 3, 4, 5], seed=4)
    mask = None if mask is None else tf.reshape(allowed(*mask), mask)
    layers = pair(x.shape, x.shape, attention_axes=axes)
    assert_same(layers, x, x, attention_mask=mask, return_attention_scores=scores)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("scores", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.25])
@pytest.mark.parametrize("policy", ["float16", "bfloat16", "mixed_float16", "float64"])
def test_types_are_those_of_keras_and_of_the_output_spec(policy, dropout, scores, masked):
    mask = allowed(2, 4, 5) if masked else None
    layers = pair(X.shape, MEMORY.shape, dtype=policy, dropout=dropout)
    options = {"attention_mask": mask, "return_attention_scores": scores}
    inputs = [tf.cast(each, layers[0].compute_dtype) for each in (X, MEMORY)]
    tolerance = {"bfloat16": 5e-2, "float64": 1e-9}.get(policy, 1e-2)
    assert_same(layers, *inputs, tolerance=tolerance, **options)
    spec = layers[0].compute_output_spec(X, MEMORY, return_attention_scores=scores)
    found = layers[0](*inputs, **options)
    for one, other in zip(tf.nest.flatten(spec), tf.nest.flatten(found), strict=True):
        assert (one.dtype, one.shape) == (other.dtype.name, other.shape)


def test_the_output_spec_of_several_axes():
    x = tf.zeros([2, 3, 4, 5])
    layer = MultiHeadAttention(2, 3, attention_axes=(-2,))
    spec = layer(keras.Input(batch_shape=x.shape), keras.Input([3, 6, 5]), return_attention_scores=True)[1]
    assert spec.shape == (2, 3, 2, 4, 6)
    assert layer(x, tf.zeros([2, 3, 6, 5]), return_attention_scores=True)[1].shape == spec.shape


def test_dropout_acts_in_training_only():
    layer = MultiHeadAttention(2, 3, dropout=0.5)
    y = layer(X, X)
    np.testing.assert_array_equal(layer(X, X, training=False), y)
    assert (layer(X, X, training=True).numpy() != y.numpy()).any()


def attend(layer, x=X, mask=MASK):
    return layer(x, x, attention_mask=mask, return_attention_scores=True)


def test_the_softmax_is_float32_in_half_precision():
    # Scores 0 and 2⁻¹² apart: in float16 weights near 1/2 have steps of 2⁻¹¹, the sum must still be 1.
    layer = MultiHeadAttention(2, 3, dtype="float16")
    layer.build([1, 300, 6], [1, 300, 6])
    _, weights = attend(layer, tf.zeros([1, 300, 6], tf.float16), None)
    np.testing.assert_array_equal(weights, np.full([1, 2, 300, 300], np.float16(1 / 300)))


def test_one_token_is_no_mistake():
    _, weights = attend(MultiHeadAttention(2, 3), X[:, :1], MASK[:, :, :1])
    np.testing.assert_array_equal(weights, np.ones([2, 2, 1, 1]))


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_a_query_without_a_key_gives_the_bias_of_the_output(dropout):
    layer = MultiHeadAttention(2, 3, dropout=dropout)
    y, weights = attend(layer, mask=tf.zeros_like(MASK))
    assert not weights.numpy().any()
    np.testing.assert_array_equal(y, np.zeros([2, 4, 6]))
    np.testing.assert_array_equal(layer(X, X, attention_mask=tf.zeros_like(MASK)), y)


def test_a_mask_of_another_size_is_refused():
    x = X[:, :1]
    with pytest.raises(ValueError, match=r"attention_mask: expected a shape .*\(2, 2, 1, 1\)"):
        MultiHeadAttention(2, 3)(x, x, attention_mask=tf.ones([2, 3, 1]))


@pytest.mark.parametrize(
    ("argument", "value"),
    [("num_heads", 0), ("key_dim", 0), ("dropout", 2.0), ("flash_attention", True), ("sliding_window", 0)],
)
def test_refuses_what_is_out_of_range(argument, value):
    with pytest.raises(ValueError, match=argument):
        MultiHeadAttention(**{"num_heads": 2, "key_dim": 3, argument: value})
    with pytest.raises(ConfigError, match="flash_attention: "):
        MultiHeadAttention(2, 3, flash_attention=True)


def test_serialisation():
    layer = MultiHeadAttention(2, 3, dropout=0.1)
    y, _ = attend(layer)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(attend(again)[0], y)


@pytest.mark.parametrize("options", [{}, {"use_bias": False, "dropout": 0.5}, {"value_dim": 4}], ids=str)
def test_the_layer_test_of_keras(options):
    TestCase().run_layer_test(
        MultiHeadAttention,
        init_kwargs={"num_heads": 2, "key_dim": 2, **options},
        input_shape={"query_shape": (2, 8, 16), "value_shape": (2, 4, 16)},
        expected_output_shape=(2, 8, 16),
        expected_num_losses=0,
        supports_masking=True,
        run_training_check=False,
    )
