"""An attention decoder and its output layer, with weights folded for inference."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.config import AttentionDecoderConfig, TranslatorConfig
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.models.folded_gates import gates_first, input_table, lstm_step, rows_per_gate

LayerState = tuple[tf.Tensor, tf.Tensor]  # h and c of a layer, float32 [N, H] each


def is_foldable_decoder(config: TranslatorConfig) -> bool:
    """Whether `FoldedDecoder` covers the decoder of a configuration."""
    decoder = config.decoder
    return (
        isinstance(decoder, AttentionDecoderConfig)
        and decoder.cell == "lstm"
        and not decoder.residual
        and decoder.score in ("dot", "general")
        and decoder.order == "luong"
        and not decoder.input_feeding
    )


class FoldedDecoder(tf.Module):
    """One step of `AttentionDecoder` and of the output layer, from ids to logits.

    1. The input product of the first layer is a look-up in ``E W + b``.
    2. The combining product is split: its context half is applied to the memory, once per source.
    3. The scale of the scores is in the keys; the mask is an addend.
    4. An output projection is multiplied into the embeddings unless that makes the product larger.

    Args:
        translator: a built `Translator` with such a decoder.
    """

    def __init__(self, translator: Any) -> None:
        super().__init__()
        decoder = translator.decoder
        self.units = decoder.units
        self._scale = decoder.units**-0.5 if decoder.scaled else 1.0
        self._vocabulary_size = translator.vocabulary_size
        self.combine_context = _constant(combine_matrices(decoder)[0])
        self._make_weights(translator, np.asarray(translator.embedding.embeddings))

    def _make_weights(self, translator: Any, embeddings: np.ndarray) -> None:
        """The weights of what a subclass replaces."""
        decoder = translator.decoder
        cells = [layer.cell for layer in decoder.stack]
        self.table = _constant(input_table(embeddings, cells[0]).reshape(-1, self.units))
        self.recurrent = [_constant(gates_first(cell.recurrent_kernel)) for cell in cells]
        self.kernels = [_constant(gates_first(cell.kernel)) for cell in cells[1:]]
        self.biases = [_constant(gates_first(cell.bias)[:, np.newaxis]) for cell in cells[1:]]
        self.combine_query = _constant(combine_matrices(decoder)[1])
        self.combine_bias = _constant(np.asarray(decoder.combine.bias))
        self.output = [_constant(matrix) for matrix in _output_matrices(translator, embeddings)]
        self.output_bias = _constant(np.asarray(translator.output_bias))

    def constants(self, constants: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """What does not change while decoding, from the decoder's own.

        Returns:
            ``keys`` [B, H, S], ``values`` [B, S, H], ``unmasked`` float32 [B, 1, S].
        """
        memory = constants["memory"]
        keys = tf.transpose(constants["keys"], [0, 2, 1]) * self._scale
        shape = tf.shape(memory)
        values = tf.matmul(tf.reshape(memory, [-1, memory.shape[2]]), self.combine_context)
        values = tf.reshape(values, [shape[0], shape[1], self.units])
        unmasked = tf.where(constants["mask"], 0.0, LARGE_NEGATIVE)[:, tf.newaxis]
        return {"keys": keys, "values": values, "unmasked": unmasked}

    def step(
        self, tokens: tf.Tensor, state: Sequence[LayerState], constants: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor, list[LayerState]]:
        """Logits float32 [N, V], attention weights float32 [N, S] and the new state."""
        new_state = [self._first_layer(tokens, state[0])]
        for layer in range(1, len(state)):
            new_state.append(self._next_layer(layer, new_state[-1][0], state[layer]))
        query = new_state[-1][0]
        context, weights = self._attend(query, constants)
        vectors = tf.tanh(self._combined_query(query) + context)
        return self._logits(vectors), weights, new_state

    def _attend(self, query: tf.Tensor, constants: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        """The context's half of the combining product [N, H], and the weights [N, S]."""
        rows = tf.shape(constants["keys"])[0]
        scores = tf.matmul(tf.reshape(query, [rows, -1, self.units]), constants["keys"])
        weights = tf.nn.softmax(scores + constants["unmasked"])
        context = tf.reshape(tf.matmul(weights, constants["values"]), [-1, self.units])
        return context, tf.reshape(weights, [-1, tf.shape(weights)[2]])

    def _first_layer(self, tokens: tf.Tensor, state: LayerState) -> LayerState:
        h, c = state
        inputs = tf.gather(self.table, tokens + rows_per_gate(self._vocabulary_size))
        return lstm_step(inputs + tf.matmul(h, self.recurrent[0]), c)

    def _next_layer(self, layer: int, x: tf.Tensor, state: LayerState) -> LayerState:
        h, c = state
        inputs = tf.matmul(x, self.kernels[layer - 1]) + self.biases[layer - 1]
        return lstm_step(inputs + tf.matmul(h, self.recurrent[layer]), c)

    def _combined_query(self, query: tf.Tensor) -> tf.Tensor:
        return tf.nn.bias_add(tf.matmul(query, self.combine_query), self.combine_bias)

    def _logits(self, vectors: tf.Tensor) -> tf.Tensor:
        for matrix in self.output:
            vectors = tf.matmul(vectors, matrix)
        return tf.nn.bias_add(vectors, self.output_bias)


def combine_matrices(decoder: Any) -> tuple[np.ndarray, np.ndarray]:
    """The halves of the combining matrix: for the context [C, H] and for the query [H, H]."""
    kernel = np.asarray(decoder.combine.kernel)
    return kernel[: -decoder.units], kernel[-decoder.units :]


def output_matrix(translator: Any, embeddings: np.ndarray) -> np.ndarray:
    """The matrix [U, V] that gives the logits of the decoder's vectors."""
    if translator.output_projection is None:
        return np.ascontiguousarray(embeddings.T)
    return np.asarray(translator.output_projection.kernel) @ embeddings.T


def _output_matrices(translator: Any, embeddings: np.ndarray) -> list[np.ndarray]:
    """Matrices that give the logits one after another: [U, V], or [U, E] and [E, V] where those are smaller."""
    if translator.output_projection is not None:
        projection = np.asarray(translator.output_projection.kernel)
        units, size = projection.shape
        if size * (units + len(embeddings)) < units * len(embeddings):
            return [projection, np.ascontiguousarray(embeddings.T)]
    return [output_matrix(translator, embeddings)]


def _constant(values: np.ndarray) -> tf.Variable:
    return tf.Variable(values, trainable=False)
