"""The folded decoder with 8-bit products."""

from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.models.folded_decoder import FoldedDecoder, LayerState, combine_matrices, output_matrix
from seqapp.models.folded_gates import GATE_ORDER, lstm_state
from seqapp.models.quantized_product import QuantizedProduct, quantize_bounded


class QuantizedDecoder(FoldedDecoder):
    """`FoldedDecoder` with 8-bit recurrent, combining and output products.

    The inputs of these products are outputs of LSTM cells and of tanh, hence in [-1, 1]. Look-ups,
    attention and activations are in float32.

    Args:
        translator: same as in `FoldedDecoder`.
    """

    def _make_weights(self, translator: Any, embeddings: np.ndarray) -> None:
        decoder = translator.decoder
        cells = [layer.cell for layer in decoder.stack]
        table = embeddings @ np.asarray(cells[0].kernel) + np.asarray(cells[0].bias)
        self.table = tf.Variable(_in_order(table), trainable=False)
        none = np.zeros(4 * self.units, np.float32)
        self._recurrent = [_gates_product(cell.recurrent_kernel, none) for cell in cells]
        self._kernels = [_gates_product(cell.kernel, cell.bias) for cell in cells[1:]]
        query = combine_matrices(decoder)[1]
        self._combine = QuantizedProduct(query, np.asarray(decoder.combine.bias))
        self._output = QuantizedProduct(
            output_matrix(translator, embeddings), np.asarray(translator.output_bias)
        )

    def _first_layer(self, tokens: tf.Tensor, state: LayerState) -> LayerState:
        gates = tf.gather(self.table, tokens) + self._recurrent[0](quantize_bounded(state[0]))
        return lstm_state(tf.split(gates, 4, axis=1), state[1])

    def _next_layer(self, layer: int, x: tf.Tensor, state: LayerState) -> LayerState:
        gates = self._kernels[layer - 1](quantize_bounded(x))
        gates += self._recurrent[layer](quantize_bounded(state[0]))
        return lstm_state(tf.split(gates, 4, axis=1), state[1])

    def _combined_query(self, query: tf.Tensor) -> tf.Tensor:
        return self._combine(quantize_bounded(query))

    def _logits(self, vectors: tf.Tensor) -> tf.Tensor:
        return self._output(quantize_bounded(vectors))


def _in_order(weights: Any) -> np.ndarray:
    """[..., 4H] of a Keras LSTM's weights, with the gates in the order of `GATE_ORDER`."""
    gates = np.split(np.asarray(weights, np.float32), 4, axis=-1)
    return np.concatenate([gates[place] for place in GATE_ORDER], axis=-1)


def _gates_product(weights: Any, bias: Any) -> QuantizedProduct:
    return QuantizedProduct(_in_order(weights), _in_order(bias))
