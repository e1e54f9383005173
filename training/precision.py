"""The number format that a training computes in."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def training_precision(policy: str) -> Iterator[None]:
    """Make the layers that are created inside compute under a dtype policy of Keras.

    Their weights are float32 under every policy, and no policy is saved with a run: what is loaded from it
    outside computes in float32.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
