"""Refuses to be imported where Keras runs on another backend than TensorFlow.

Imported before Keras is, since Keras fails on its own where the chosen backend is not installed.
"""

import os
import sys

from seqapp.errors import BackendError


def keras_backend() -> str:
    """Name of the backend that Keras runs on in this process, or would run on once imported."""
    if "keras" not in sys.modules and os.environ.get("KERAS_BACKEND"):
        return os.environ["KERAS_BACKEND"]
    try:
        import keras
    except ModuleNotFoundError as error:  # the backend that ~/.keras/keras.json names
        if error.name in ("jax", "torch", "openvino"):
            return error.name
        raise
    return keras.config.backend()


def check_keras_backend() -> None:
    """Raises `BackendError` unless Keras runs on TensorFlow."""
    backend = keras_backend()
    if backend != "tensorflow":
        raise BackendError(
            f"KERAS_BACKEND: seqapp needs 'tensorflow', got {backend!r}; set KERAS_BACKEND=tensorflow (or "
            "remove it, and \"backend\" from ~/.keras/keras.json) before Keras is first imported"
        )


check_keras_backend()
