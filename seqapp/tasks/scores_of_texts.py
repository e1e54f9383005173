"""Class scores of any number of texts."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from seqapp.tasks.rows import over_rows

_BATCH_SIZE = 64


class ScoresOfTexts:
    """A function of a batch of texts, traced once and called for any number of texts.

    Args:
        function: string[B] → class scores float32 [B, C].
        classes: C.
    """

    def __init__(self, function: Callable[[tf.Tensor], tf.Tensor], classes: int) -> None:
        self._classes = classes
        # A partial, not a lambda: TensorFlow counts tracings per line of code, and would warn of this one,
        # shared by every function of every task, as traced again and again.
        self._traced = tf.function(
            functools.partial(_named, function),
            input_signature=[tf.TensorSpec([None], tf.string, name="text")],
            autograph=False,
        )

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Class scores float32 [texts, C], in the order of the texts."""
        found = over_rows(self._traced, [texts], _BATCH_SIZE)
        rows = found.get("scores", [])
        return np.stack(rows) if rows else np.zeros((0, self._classes), np.float32)


def _named(function: Callable[[tf.Tensor], tf.Tensor], text: tf.Tensor) -> dict[str, tf.Tensor]:
    return {"scores": function(text)}
