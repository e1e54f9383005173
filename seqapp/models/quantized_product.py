"""A product of bounded vectors with 8-bit weights."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf


class QuantizedVectors(NamedTuple):
    """Vectors quint8 [N, C] and the range, float32 [], that 0 and 255 stand for."""

    values: tf.Tensor
    least: tf.Tensor
    most: tf.Tensor


def quantize_bounded(vectors: tf.Tensor) -> QuantizedVectors:
    """8-bit values of float32 [N, C] in [-1, 1], such as outputs of tanh.

    The range is fixed, so the values of a row do not depend on its batch. oneDNN's kernels take unsigned
    inputs: the vectors are shifted to [0, 2], and `QuantizedProduct` takes the shift out again.
    """
    # Not `tf.quantization.quantize`, which logs a deprecation of its own implementation.
    shifted = tf.raw_ops.QuantizeV2(
        input=vectors + 1.0,
        min_range=0.0,
        max_range=2.0,
        T=tf.quint8,
        mode="SCALED",
        round_mode="HALF_AWAY_FROM_ZERO",
    )
    return QuantizedVectors(*shifted)


class QuantizedProduct:
    """``x W + b`` with x and W in 8 bits, by ops that TensorFlow has since 2.15.

    One scale serves all of W: a scale per column would need another pass over the products. The ops have
    kernels only where TensorFlow uses oneDNN. The weights are constants of the graph, whose layout oneDNN
    prepares once.

    Args:
        weights: float32 [C, M].
        bias: float32 [M].
    """

    def __init__(self, weights: np.ndarray, bias: np.ndarray) -> None:
        self._largest = float(np.abs(weights).max()) or 1.0
        self._weights = np.round(weights * (127 / self._largest)).astype(np.int8)
        # The shift of the vectors adds the sum of each column.
        shift = self._weights.sum(axis=0, dtype=np.float64) * (self._largest / 127)
        self._bias = (bias - shift).astype(np.float32)

    def __call__(self, vectors: QuantizedVectors) -> tf.Tensor:
        """float32 [N, M]."""
        return tf.raw_ops.QuantizedMatMulWithBiasAndDequantize(
            a=vectors.values,
            b=tf.constant(self._weights, tf.qint8),
            bias=tf.constant(self._bias),
            min_a=vectors.least,
            max_a=vectors.most,
            min_b=-self._largest,
            max_b=self._largest,
            min_freezed_output=0.0,
            max_freezed_output=0.0,
            Toutput=tf.float32,
            input_quant_mode="SCALED",
        )
