"""Checks that every layer must pass."""

import inspect
import itertools
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src import testing

DTYPES = ("mixed_float16", "float16", "mixed_bfloat16", "bfloat16", "float64")


def check_layer(
    cls: type,
    config: dict[str, Any],
    call: Callable[[Any], Any],
    input_shape: Any = None,
    input_dtype: Any = None,
    **keras_checks: Any,
) -> Any:
    """Checks what holds for any layer, and returns a built one.

    Args:
        cls: the layer's class.
        config: constructor arguments; none of them at its default.
        call: ``call(layer) -> outputs`` on fixed inputs.
        input_shape: as of Keras's ``run_layer_test``: the shape of the one input or a nest of shapes, or
            the shapes of all inputs by name, ``{"query_shape": …}``. Without it only `call` is checked, in
            float32.
        input_dtype: of the inputs, in the same form; float32 by default.
        **keras_checks: other arguments of ``run_layer_test``, such as ``supports_masking=True``.
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
    _check_gradients(layer, call)
    if input_shape is not None:
        _check_dtypes(layer, config, call, outputs)
        _check_with_keras(cls, config, input_shape, input_dtype, keras_checks)
        _check_functional_model(cls, config, input_shape, input_dtype)
    return layer


def _check_gradients(layer: Any, call: Callable[[Any], Any]) -> None:
    with tf.GradientTape() as tape:
        total = tf.add_n([tf.reduce_sum(tf.cast(o, tf.float32) ** 2) for o in _flat(call(layer))])
    for weight, gradient in zip(
        layer.trainable_weights, tape.gradient(total, [w.value for w in layer.trainable_weights]), strict=True
    ):
        assert gradient is not None, f"{weight.path} gets no gradient"


def _check_dtypes(layer: Any, config: dict[str, Any], call: Callable[[Any], Any], outputs: list) -> None:
    """Any float type gives the outputs of float32, within its own precision."""
    for dtype in DTYPES:
        other = _in_dtype(layer, config, call, dtype)
        assert {w.dtype for w in other.trainable_weights} <= {other.variable_dtype}
        for found, expected in zip(_flat(call(other)), outputs, strict=True):
            if found.dtype.is_floating:
                size = np.maximum(1.0, np.abs(expected).max())
                tolerance = {"float64": 1e-4, "bfloat16": 0.2}.get(other.compute_dtype, 0.03) * size
                np.testing.assert_allclose(
                    tf.cast(found, tf.float64), tf.cast(expected, tf.float64), atol=tolerance, err_msg=dtype
                )
            else:
                assert found.dtype == expected.dtype, dtype


def _in_dtype(layer: Any, config: dict[str, Any], call: Callable[[Any], Any], dtype: str) -> Any:
    """The same layer with the same weights, computing in `dtype`."""
    other = type(layer)(**config, dtype=dtype)
    call(other)
    other.set_weights(layer.get_weights())
    return other


def _check_with_keras(
    cls: type, config: dict[str, Any], input_shape: Any, input_dtype: Any, checks: dict[str, Any]
) -> None:
    """Keras's own test of a layer: build by shapes, symbolic and eager calls, a training step, dtypes."""
    case = testing.TestCase("run_layer_test")
    # Its training step passes the inputs as one argument.
    training = not isinstance(input_shape, dict)
    with warnings.catch_warnings():
        # Of its own generator, and of a layer without weights.
        warnings.filterwarnings("ignore", "`shuffle=True` was passed, but will be ignored")
        warnings.filterwarnings("ignore", "The model does not have any trainable weights")
        case.run_layer_test(
            cls,
            config,
            input_shape=input_shape,
            input_dtype=input_dtype,
            **{"run_training_check": training, **checks},
        )


def _check_functional_model(cls: type, config: dict[str, Any], input_shape: Any, input_dtype: Any) -> None:
    """A functional model of the layer gives the same after it was saved and loaded."""
    dtypes = iter(keras.tree.flatten(input_dtype) if input_dtype else itertools.repeat(None))
    inputs = keras.tree.map_shape_structure(
        lambda shape: keras.Input(shape[1:], shape[0], next(dtypes)), input_shape
    )
    if isinstance(inputs, dict):
        outputs = cls(**config)(**{name.removesuffix("_shape"): tensor for name, tensor in inputs.items()})
    else:
        outputs = cls(**config)(inputs)
    flat = keras.tree.flatten(inputs)
    model = keras.Model(flat, outputs)
    values = [
        tf.cast(3.0 * tf.random.uniform(tensor.shape, seed=i), tensor.dtype) for i, tensor in enumerate(flat)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        again = keras.saving.load_model(path)
    _assert_same(_flat(model(values)), _flat(again(values)), "after save and load_model")


def _flat(outputs: Any) -> list[tf.Tensor]:
    return [tf.convert_to_tensor(o) for o in tf.nest.flatten(outputs)]


def _assert_same(one: list[tf.Tensor], other: list[tf.Tensor], when: str) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5, err_msg=when)
