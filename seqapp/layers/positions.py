"""Position encodings."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from seqapp.argument_checks import check_counts
from seqapp.layers.masks import at_least_float32, softmax_dtype


@keras.saving.register_keras_serializable("seqapp")
class SinusoidalPositions(keras.layers.Layer):
    """Adds sinusoidal position encodings to a sequence, for any length and without weights.

    ``PE(p, 2i) = sin(p / 10000^(2i/H))``, ``PE(p, 2i+1) = cos(p / 10000^(2i/H))``.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, x, start=None):
        """[B, S, H] plus the sinusoids, which are computed in float32 (float64 under that policy).

        Args:
            x: [B, S, H].
            start: int32 [B], the position of a row's first vector; None for 0.
        """
        x = ops.cast(x, self.compute_dtype)
        return _add(x, sinusoids_of(_places(x, start), x.shape[-1], softmax_dtype(x.dtype)))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def compute_output_spec(self, x, start=None):
        return keras.KerasTensor(x.shape, self.compute_dtype)


@keras.saving.register_keras_serializable("seqapp")
class LearnedPositions(keras.layers.Layer):
    """Adds a trained vector per position to a sequence.

    Source: Gehring et al. 2017, "Convolutional Sequence to Sequence Learning", section 3.1.

    Args:
        max_length: number of positions with a vector of their own; those beyond share the last one.
    """

    def __init__(self, max_length: int, **kwargs) -> None:
        super().__init__(**kwargs)
        check_counts(max_length=max_length)
        self.max_length = max_length
        self.supports_masking = True

    def build(self, input_shape) -> None:
        """Args: input_shape: [B, S, H]."""
        self.table = self.add_weight(
            name="table",
            shape=(self.max_length, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.02),
            autocast=False,  # float32 in mixed precision too
        )

    def call(self, x, start=None):
        """[B, S, H] plus the vectors of the positions.

        Args:
            x: [B, S, H].
            start: int32 [B], the position of a row's first vector; None for 0.
        """
        x = ops.cast(x, self.compute_dtype)
        positions = tf.minimum(_places(x, start), self.max_length - 1)
        return _add(x, tf.gather(tf.convert_to_tensor(self.table), positions))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def compute_output_spec(self, x, start=None):
        return keras.KerasTensor(x.shape, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "max_length": self.max_length}


def sinusoids(length, width: int, dtype: str = "float32"):
    """Sinusoids of the positions 0, 1, … as [length, width]; `length` may be a tensor."""
    return sinusoids_of(tf.range(length), width, dtype)


def sinusoids_of(positions, width: int, dtype: str = "float32"):
    """Sinusoids [..., width] of positions int32 [...]."""
    column = np.arange(width)
    rates = 10000.0 ** (-2 * (column // 2) / width)
    # cos(a) = sin(a + π/2): one sine for all columns.
    phases = (column % 2) * np.pi / 2
    positions = tf.cast(positions, dtype)[..., tf.newaxis]
    return tf.sin(positions * rates.astype(dtype) + phases.astype(dtype))


def _places(x, start):
    """Positions of the vectors of x [B, S, H]: int32 [S], or [B, S] where rows start at their own."""
    places = tf.range(ops.shape(x)[1])
    return places if start is None else start[:, tf.newaxis] + places


def _add(x, vectors):
    wide = at_least_float32(x)
    return ops.cast(wide + ops.cast(vectors, wide.dtype), x.dtype)
