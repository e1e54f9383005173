"""Class scores of any number of texts."""

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
        self._traced = tf.function(
            lambda text: {"scores": function(text)},
            input_signature=[tf.TensorSpec([None], tf.string, name="text")],
            autograph=False,
        )

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Class scores float32 [texts, C], in the order of the texts."""
        found = over_rows(self._traced, [texts], _BATCH_SIZE)
        rows = found.get("scores", [])
        return np.stack(rows) if rows else np.zeros((0, self._classes), np.float32)
