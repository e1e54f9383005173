"""Checks that every layer must pass."""

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf


def check_layer(cls: type, config: dict[str, Any], call: Callable[[Any], Any]) -> Any:
    """Checks what holds for any layer, and returns a built one.

    Args:
        cls: the layer's class.
        config: constructor arguments; none of them at its default.
        call: ``call(layer) -> outputs`` on fixed inputs.
    """
    signature = inspect.signature(cls.__init__).parameters
    for name, value in config.items():
        assert signature[name].default != value, f"{name}: give a value that is not the default"

    layer = cls(**config)
    outputs = _flat(call(layer))
    arguments = {name for name, p in signature.items() if p.kind is p.POSITIONAL_OR_KEYWORD} - {"self"}
    assert arguments <= set(layer.get_config()), "an argument is missing from get_config"
    for name, value in config.items():
        assert layer.get_config()[name] == value

    # The same layer again from its serialised form, without custom_objects.
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    call(again)
    assert [w.shape for w in again.weights] == [w.shape for w in layer.weights]
    again.set_weights(layer.get_weights())
    _assert_same(outputs, _flat(call(again)), "after serialisation")

    _assert_same(outputs, _flat(tf.function(lambda: call(layer))()), "as a graph")

    with tf.GradientTape() as tape:
        total = tf.add_n([tf.reduce_sum(tf.cast(o, tf.float32) ** 2) for o in _flat(call(layer))])
    for weight, gradient in zip(
        layer.trainable_weights, tape.gradient(total, [w.value for w in layer.trainable_weights]), strict=True
    ):
        assert gradient is not None, f"{weight.path} gets no gradient"

    mixed = cls(**config, dtype="mixed_float16")
    halves = _flat(call(mixed))
    assert all(np.isfinite(o.numpy().astype("float32")).all() for o in halves)
    assert all(w.dtype == "float32" for w in mixed.trainable_weights)
    return layer


def _flat(outputs: Any) -> list[tf.Tensor]:
    return [tf.convert_to_tensor(o) for o in tf.nest.flatten(outputs)]


def _assert_same(one: list[tf.Tensor], other: list[tf.Tensor], when: str) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5, err_msg=when)
