"""An attention decoder and its output layer with their weights folded for inference."""

from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.config import AttentionDecoderConfig, TranslatorConfig
from seqapp.large_negative import LARGE_NEGATIVE
from seqapp.models.folded_gates import gates_first, look_up_table, lstm_step, rows_per_gate


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
    4. An output projection that makes the products larger is multiplied into the embeddings.

    Args:
        translator: a built `Translator` with such a decoder.
    """

    def __init__(self, translator: Any) -> None:
        super().__init__(name="folded_decoder")
        decoder = translator.decoder
        embeddings = np.asarray(translator.embedding.embeddings)
        self.units = decoder.units
        self.scale = decoder.units**-0.5 if decoder.scaled else 1.0
        self.vocabulary_size = translator.vocabulary_size
        cells = [layer.cell for layer in decoder.stack]
        self.table = _constant(look_up_table(embeddings, cells[0]).reshape(-1, self.units))
        self.recurrent = [_constant(gates_first(cell.recurrent_kernel)) for cell in cells]
        self.kernels = [_constant(gates_first(cell.kernel)) for cell in cells[1:]]
        self.biases = [_constant(gates_first(cell.bias)[:, np.newaxis]) for cell in cells[1:]]
        combine = np.asarray(decoder.combine.kernel)
        self.combine_context = _constant(combine[: -self.units])
        self.combine_query = _constant(combine[-self.units :])
        self.combine_bias = _constant(np.asarray(decoder.combine.bias))
        self.output = [_constant(matrix) for matrix in _output_matrices(translator, embeddings)]
        self.output_bias = _constant(np.asarray(translator.output_bias))

    def constants(self, constants: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """What does not change while decoding, from the decoder's own.

        Returns:
            ``keys`` [B, H, S], ``values`` [B, S, H], ``unmasked`` float32 [B, 1, S].
        """
        memory = constants["memory"]
        keys = tf.transpose(constants["keys"], [0, 2, 1]) * self.scale
        shape = tf.shape(memory)
        values = tf.matmul(tf.reshape(memory, [-1, memory.shape[2]]), self.combine_context)
        values = tf.reshape(values, [shape[0], shape[1], self.units])
        unmasked = tf.where(constants["mask"], 0.0, LARGE_NEGATIVE)[:, tf.newaxis]
        return {"keys": keys, "values": values, "unmasked": unmasked}

    def step(self, tokens: tf.Tensor, state: Any, constants: dict[str, tf.Tensor]) -> tuple[Any, Any, Any]:
        """Logits float32 [N, V], attention weights float32 [N, S] and the new state."""
        x, new_state = None, []
        for layer, (h, c) in enumerate(state):
            gates = tf.matmul(h, self.recurrent[layer])
            if x is None:
                gates += tf.gather(self.table, tokens + rows_per_gate(self.vocabulary_size))
            else:
                gates += tf.matmul(x, self.kernels[layer - 1]) + self.biases[layer - 1]
            x, c = lstm_step(gates, c)
            new_state.append((x, c))
        rows = tf.shape(constants["keys"])[0]
        query = tf.reshape(x, [rows, -1, self.units])
        weights = tf.nn.softmax(tf.matmul(query, constants["keys"]) + constants["unmasked"])
        context = tf.reshape(tf.matmul(weights, constants["values"]), [-1, self.units])
        vectors = tf.tanh(tf.nn.bias_add(tf.matmul(x, self.combine_query), self.combine_bias) + context)
        for matrix in self.output:
            vectors = tf.matmul(vectors, matrix)
        weights = tf.reshape(weights, [-1, tf.shape(weights)[2]])
        return tf.nn.bias_add(vectors, self.output_bias), weights, new_state


def _output_matrices(translator: Any, embeddings: np.ndarray) -> list[np.ndarray]:
    """Matrices that give the logits of the decoder's vectors one after another, [U, E] and [E, V] or [U, V]."""
    transposed = np.ascontiguousarray(embeddings.T)
    if translator.output_projection is None:
        return [transposed]
    projection = np.asarray(translator.output_projection.kernel)
    units, size = projection.shape
    vocabulary = len(embeddings)
    if units * vocabulary <= size * (units + vocabulary):
        return [projection @ transposed]
    return [projection, transposed]


def _constant(values: np.ndarray) -> tf.Variable:
    return tf.Variable(values, trainable=False)
