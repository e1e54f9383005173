import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from seqapp.layers.lstm import LSTM

X = tf.random.normal([3, 5, 4], seed=1)
MASKS = [None, tf.sequence_mask([5, 2, 0], 5)]
OPTIONS = {"return_sequences": True, "return_state": True, "use_cudnn": False}


def pair(**options):
    """Ours and Keras's, with the same weights."""
    ours, theirs = LSTM(6, **OPTIONS, **options), keras.layers.LSTM(6, **OPTIONS, **options)
    ours.build(X.shape)
    theirs.build(X.shape)
    ours.set_weights(
        [np.random.default_rng(i).normal(size=w.shape) for i, w in enumerate(ours.get_weights())]
    )
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def values_and_gradients(layer, mask, training):
    state = [tf.constant(np.random.default_rng(i).normal(size=(3, 6)), tf.float32) for i in (7, 8)]
    with tf.GradientTape() as tape:
        tape.watch([X, *state])
        outputs, h, c = layer(X, initial_state=state, mask=mask, training=training)
        if mask is not None:  # what stands in padding is nobody's business
            valid = tf.reverse(mask, [1]) if layer.go_backwards else mask
            outputs = tf.where(valid[:, :, tf.newaxis], outputs, 0.0)
        # Each output counts differently at each place.
        total = sum(
            tf.reduce_sum(o * tf.reshape(tf.range(tf.size(o), dtype=tf.float32), tf.shape(o)) ** 0.5)
            for o in (outputs, h, c)
        )
    return [outputs, h, c], tape.gradient(total, [X, *state, *[w.value for w in layer.trainable_weights]])


@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("mask", MASKS, ids=["all", "masked"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("graph", [True, False])
def test_equals_keras_forward_and_backward(go_backwards, mask, training, graph):
    ours, theirs = pair(go_backwards=go_backwards)
    run = tf.function(values_and_gradients) if graph else values_and_gradients
    values, gradients = run(ours, mask, training)
    wanted, wanted_gradients = values_and_gradients(theirs, mask, training)
    for one, other in zip(values, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    for one, other in zip(gradients, wanted_gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_the_last_state_alone():
    layer = LSTM(6)
    assert layer(X).shape == (3, 6)


def test_half_precision():
    layer = LSTM(6, dtype="mixed_float16", **OPTIONS)
    with tf.GradientTape() as tape:
        outputs, *_ = layer(tf.cast(X, tf.float16), mask=MASKS[1], training=True)
        total = tf.reduce_sum(tf.cast(outputs, tf.float32))
    assert outputs.dtype == tf.float16
    for gradient in tape.gradient(total, [w.value for w in layer.trainable_weights]):
        assert gradient.dtype == tf.float32
        assert np.isfinite(gradient).all()


def test_serialisation_without_custom_objects():
    layer = keras.layers.Bidirectional(LSTM(6, return_sequences=True))
    outputs = layer(X)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    again.build(X.shape)
    assert isinstance(again.forward_layer, LSTM)
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(again(X), outputs, atol=1e-6)


@pytest.mark.parametrize("return_sequences", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_zero_output_for_mask_equals_keras(return_sequences, training):
    options = {"return_sequences": return_sequences, "zero_output_for_mask": True, "use_cudnn": False}
    ours, theirs = LSTM(6, **options), keras.layers.LSTM(6, **options)
    theirs.build(X.shape)
    ours.build(X.shape)
    ours.set_weights(theirs.get_weights())
    found, wanted = (layer(X, mask=MASKS[1], training=training) for layer in (ours, theirs))
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_stateful_equals_keras(training):
    ours, theirs = pair(stateful=True)
    for _ in range(3):
        with tf.GradientTape(persistent=True) as tape:
            found, wanted = (tf.reduce_sum(layer(X, training=training)[0] ** 2) for layer in (ours, theirs))
        np.testing.assert_allclose(found, wanted, rtol=1e-5)
        for one, other in zip(ours.trainable_weights, theirs.trainable_weights, strict=True):
            np.testing.assert_allclose(
                tape.gradient(found, one.value), tape.gradient(wanted, other.value), rtol=1e-3, atol=1e-4
            )


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("activation", "relu"),
        ("activation", None),
        ("recurrent_activation", "tanh"),
        ("use_bias", False),
        ("dropout", 0.1),
        ("recurrent_dropout", 0.1),
        ("unroll", True),
        ("use_cudnn", True),
    ],
)
def test_refuses_what_it_does_not_do(argument, value):
    with pytest.raises(ConfigError, match=rf"^{argument}: seqapp's LSTM has \S+ only, got .*; use keras"):
        LSTM(6, **{argument: value})


def test_defaults_may_be_said():
    LSTM(6, "tanh", "sigmoid", use_bias=True, dropout=0.0, unroll=False, use_cudnn="auto")
    LSTM(6, activation=keras.activations.tanh)


def test_unknown_arguments_are_refused():
    with pytest.raises(ValueError, match="unknown"):
        LSTM(6, unknown=1)
