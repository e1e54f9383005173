"""A recurrent encoder, with weights folded for inference."""

from typing import Any

import numpy as np
import tensorflow as tf

from seqapp.config import RecurrentEncoderConfig, TranslatorConfig
from seqapp.models.folded_gates import gates_first, lstm_step, input_table, rows_per_gate


def is_foldable_encoder(config: TranslatorConfig) -> bool:
    """Whether `FoldedEncoder` covers the encoder of a configuration."""
    encoder = config.encoder
    return (
        isinstance(encoder, RecurrentEncoderConfig)
        and encoder.cell == "lstm"
        and not encoder.residual
        and not config.reverse_source
    )


class FoldedEncoder(tf.Module):
    """Memory and final state of `RecurrentEncoder` with LSTM cells, from ids.

    1. The input product of the first layer is a look-up in ``E W + b``, one table for each direction.
    2. Both directions advance in one loop; each row of the reversed direction begins at its last id.
    3. No step is masked: what a row computes after its last id is not read.

    Args:
        embeddings: float [V, E].
        encoder: a built `RecurrentEncoder`.
    """

    def __init__(self, embeddings: np.ndarray, encoder: Any) -> None:
        super().__init__()
        self.directions = 2 if encoder.bidirectional else 1
        self.units = encoder.units // self.directions
        cells = [_cells(layer, encoder.bidirectional) for layer in encoder.stack]
        tables = [input_table(embeddings, cell) for cell in cells[0]]
        self.vocabulary_size = len(embeddings)
        # Rows by gate, direction, id.
        self.table = _constant(np.stack(tables, axis=1).reshape(-1, self.units))
        self.recurrent = [
            _constant(np.stack([gates_first(cell.recurrent_kernel) for cell in layer], axis=1))
            for layer in cells
        ]
        self.kernels = [
            _constant(np.stack([gates_first(cell.kernel) for cell in layer], axis=1)) for layer in cells[1:]
        ]
        self.biases = [
            _constant(np.stack([gates_first(cell.bias) for cell in layer], axis=1)) for layer in cells[1:]
        ]

    def __call__(self, source: tf.Tensor, lengths: tf.Tensor) -> tuple[tf.Tensor, Any]:
        """Encodes ids.

        Args:
            source: int32 [B, S], padded on the right.
            lengths: int32 [B], ids per row.

        Returns:
            memory float32 [B, S, H] (any value behind a row's ids) and final state as `RecurrentEncoder`.
        """
        steps = tf.shape(source)[1]
        last = tf.maximum(lengths, 1) - 1
        ids = tf.transpose(self._both(source, lengths, 1), [2, 0, 1])  # [S, D, B]
        rows = rows_per_gate(self.vocabulary_size * self.directions)[:, tf.newaxis]
        offsets = tf.range(self.directions)[:, tf.newaxis] * self.vocabulary_size
        inputs = tf.gather(self.table, (ids + offsets)[:, tf.newaxis] + rows)  # [S, 4, D, B, H']
        outputs, cells = self._layer(inputs, steps, self.recurrent[0])
        for kernel, bias, recurrent in zip(self.kernels, self.biases, self.recurrent[1:], strict=True):
            memory = self._joined(outputs, lengths)
            x = tf.transpose(self._both(memory, lengths, 1), [2, 0, 1, 3])  # [S, D, B, H]
            inputs = tf.matmul(x[:, tf.newaxis], kernel) + bias[:, :, tf.newaxis]
            outputs, cells = self._layer(inputs, steps, recurrent)
        state = [_at(outputs, last), _at(cells, last)]
        final = tuple((state[0][d], state[1][d]) for d in range(self.directions))
        return self._joined(outputs, lengths), final

    def _both(self, x: tf.Tensor, lengths: tf.Tensor, axis: int) -> tf.Tensor:
        """[D, B, S, …]: in each direction, of [B, S, …]."""
        if self.directions == 1:
            return x[tf.newaxis]
        return tf.stack([x, tf.reverse_sequence(x, lengths, seq_axis=axis, batch_axis=0)])

    def _joined(self, outputs: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
        """[B, S, D · H'] of outputs [S, D, B, H']."""
        outputs = tf.transpose(outputs, [1, 2, 0, 3])
        if self.directions == 1:
            return outputs[0]
        backward = tf.reverse_sequence(outputs[1], lengths, seq_axis=1, batch_axis=0)
        return tf.concat([outputs[0], backward], axis=2)

    def _layer(
        self, inputs: tf.Tensor, steps: tf.Tensor, recurrent: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """All h and c [S, D, B, H'] of input products [S, 4, D, B, H']."""
        shape = tf.shape(inputs)
        zeros = tf.zeros([self.directions, shape[3], self.units])

        def advance(t, h, c, outputs, cells):
            h, c = lstm_step(inputs[t] + tf.matmul(h, recurrent), c)
            return t + 1, h, c, outputs.write(t, h), cells.write(t, c)

        arrays = [
            tf.TensorArray(tf.float32, size=steps, element_shape=[self.directions, None, self.units])
            for _ in range(2)
        ]
        _, _, _, outputs, cells = tf.while_loop(
            lambda t, *_: t < steps, advance, (0, zeros, zeros, *arrays), parallel_iterations=1
        )
        return outputs.stack(), cells.stack()


def _cells(layer: Any, bidirectional: bool) -> list[Any]:
    return [layer.forward_layer.cell, layer.backward_layer.cell] if bidirectional else [layer.cell]


def _at(values: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
    """[D, B, H'] of [S, D, B, H'] at position `last` int32 [B] of each row."""
    rows = tf.stack([last, tf.range(tf.shape(last)[0])], axis=1)
    return tf.transpose(tf.gather_nd(tf.transpose(values, [0, 2, 1, 3]), rows), [1, 0, 2])


def _constant(values: np.ndarray) -> tf.Variable:
    return tf.Variable(values, trainable=False)
