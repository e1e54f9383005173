"""An LSTM layer that trains faster on a CPU than Keras's own."""

import functools
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("seqapp")
class OrthogonalInFloat32(keras.initializers.Orthogonal):
    """An orthogonal matrix computed in float32: TensorFlow has no QR decomposition in bfloat16."""

    def __call__(self, shape, dtype=None):
        return tf.cast(super().__call__(shape, "float32"), dtype or "float32")


@keras.saving.register_keras_serializable("seqapp")
class LSTM(keras.layers.LSTM):
    """`keras.layers.LSTM` with its matrix products batched over time; weights and results are the same.

    Keras multiplies each step's input inside the loop, and its gradient accumulates a gradient of the
    whole kernel at every step. Here only ``h_{t-1} U`` and, backward, ``dz_t Uᵀ`` stay in the loops:

    1. forward: ``z_t = x_t W + b + h_{t-1} U``, with ``x W`` one product over all steps;
    2. backward: the loop yields ``dz_t``; the gradients of W, U and x are one product each over all
       steps.

    Activations other than ``tanh`` and ``sigmoid``, dropout inside the layer, ``unroll``,
    ``implementation=1`` and ``use_cudnn=True`` run Keras's own loop.

    Args:
        units: width H of h and of c.
        *args: see `keras.layers.LSTM`.
        **kwargs: see `keras.layers.LSTM`. ``use_cudnn="auto"`` means False here.
    """

    def __init__(self, units: int, *args, **kwargs) -> None:
        # "auto" would let `keras.layers.Bidirectional` go around this layer where there is a GPU.
        if kwargs.get("use_cudnn", "auto") == "auto":
            kwargs["use_cudnn"] = False
        super().__init__(units, *args, **kwargs)
        initializer = self.cell.recurrent_initializer
        if self.cell.variable_dtype == "bfloat16" and type(initializer) is keras.initializers.Orthogonal:
            self.cell.recurrent_initializer = OrthogonalInFloat32(**initializer.get_config())

    @staticmethod
    def state_units(units: int) -> tuple[int, ...]:
        """Widths of the state (h, c) of a cell of `units`."""
        return units, units

    @staticmethod
    def initial_state(parts: Sequence[tf.Tensor]) -> tuple[tf.Tensor, ...]:
        """A state (h, c) from two projections [B, units]: h is bounded as every output is, c is not."""
        h, c = parts
        return tf.tanh(h), c

    @property
    def _batched(self) -> bool:
        """Whether the batched products compute what the arguments ask for."""
        cell = self.cell
        return (
            cell.activation is keras.activations.tanh
            and cell.recurrent_activation is keras.activations.sigmoid
            and not (cell.dropout or cell.recurrent_dropout or self.unroll or self.use_cudnn)
            and cell.implementation == 2
        )

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Overrides the loop of `keras.layers.LSTM`.

        Args:
            sequences: [B, T, E].
            initial_state: h and c, [B, H] each.
            mask: bool or 0/1, [B, T] or [B, T, 1], False where a step is skipped; or None.

        Returns:
            the last output [B, H], outputs [B, T, H], and the last h and c.
        """
        if not self._batched:
            return super().inner_loop(sequences, initial_state, mask, training=training)
        x = tf.transpose(tf.cast(sequences, self.cell.compute_dtype), [1, 0, 2])
        keep = _time_major(mask)
        if self.go_backwards:
            x = tf.reverse(x, [0])
            keep = None if keep is None else tf.reverse(keep, [0])
        # A stateful layer's states are variables, which will have changed when the gradient reads them.
        h, c = (tf.identity(state) for state in initial_state)
        run = _with_gradient(keep) if training else functools.partial(_forward, keep=keep)
        outputs, h, c, *_ = run(x, h, c, *self._weights())
        if keep is not None:
            outputs = tf.where(self._has_output(keep), outputs, tf.zeros_like(outputs))
        last = outputs[-1]
        outputs = tf.transpose(outputs, [1, 0, 2])
        # The loop loses what was known of the shape.
        outputs.set_shape([*sequences.shape[:2], self.units])
        for state in (last, h, c):
            state.set_shape([sequences.shape[0], self.units])
        return last, outputs, [h, c]

    def _weights(self) -> list[tf.Tensor]:
        cell = self.cell
        bias = cell.bias
        if bias is None:
            bias = tf.zeros([4 * cell.units], cell.compute_dtype)
        return [tf.convert_to_tensor(w) for w in (cell.kernel, cell.recurrent_kernel, bias)]

    def _has_output(self, keep: tf.Tensor) -> tf.Tensor:
        """bool [T, B, 1]: a skipped step repeats the output before it, or is 0, as the first ones are."""
        return keep if self.zero_output_for_mask else tf.cumsum(tf.cast(keep, tf.int32), axis=0) > 0


def _time_major(mask: Any) -> tf.Tensor | None:
    """bool [T, B, 1] of a mask as `LSTM.inner_loop` takes it."""
    mask = mask[0] if isinstance(mask, list | tuple) else mask
    if mask is None:
        return None
    mask = tf.cast(mask, tf.bool)
    mask = mask if mask.shape.rank == 3 else mask[:, :, tf.newaxis]
    return tf.transpose(mask, [1, 0, 2])


def _forward(x, h, c, kernel, recurrent, bias, keep) -> tuple[tf.Tensor, ...]:
    """Outputs [T, B, H] and the last h and c [B, H]; also gates before activation [T, B, 4H] and all c.

    Args:
        x: [T, B, E].
        h, c: [B, H].
        kernel, recurrent, bias: [E, 4H], [H, 4H], [4H], gates in the order i, f, g, o.
        keep: bool [T, B, 1], False where a state stays as it is; or None.
    """
    shape, units = tf.shape(x), recurrent.shape[0]
    projected = tf.nn.bias_add(tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), kernel), bias)
    projected = tf.reshape(projected, [shape[0], shape[1], 4 * units])

    def advance(t, h, c, outputs, cells, gates):
        z = projected[t] + tf.matmul(h, recurrent)
        i, f, g, o = tf.split(z, 4, axis=1)
        new_c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        new_h = tf.sigmoid(o) * tf.tanh(new_c)
        if keep is not None:
            new_c, new_h = tf.where(keep[t], new_c, c), tf.where(keep[t], new_h, h)
        return t + 1, new_h, new_c, outputs.write(t, new_h), cells.write(t, new_c), gates.write(t, z)

    arrays = [_array(x.dtype, shape[0], width) for width in (units, units, 4 * units)]
    _, h, c, outputs, cells, gates = tf.while_loop(
        lambda t, *_: t < shape[0], advance, (0, h, c, *arrays), parallel_iterations=1
    )
    return outputs.stack(), h, c, gates.stack(), cells.stack()


def _with_gradient(keep) -> Any:
    """`_forward` with the gathered gradient."""

    @tf.custom_gradient
    def run(x, h0, c0, kernel, recurrent, bias):
        outputs, h, c, gates, cells = _forward(x, h0, c0, kernel, recurrent, bias, keep)

        def gradient(d_outputs, dh, dc):
            inputs = (x, h0, c0, kernel, recurrent, bias)
            return _backward(inputs, keep, (outputs, gates, cells), (d_outputs, dh, dc))

        return (outputs, h, c), gradient

    return run


def _backward(inputs, keep, saved, upstream) -> tuple[tf.Tensor, ...]:
    """Gradients of all `inputs` of `_forward`."""
    x, h0, c0, kernel, recurrent, _ = inputs
    outputs, gates, cells = saved
    d_outputs, dh, dc = upstream
    shape, units = tf.shape(x), recurrent.shape[0]
    h_before = tf.concat([h0[tf.newaxis], outputs[:-1]], axis=0)
    c_before = tf.concat([c0[tf.newaxis], cells[:-1]], axis=0)
    i, f, g, o = tf.split(gates, 4, axis=2)
    i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
    tanh_c = tf.tanh(cells)
    # What dc_t and dh_t are multiplied with, for all steps at once.
    to_cell = o * (1 - tanh_c * tanh_c)
    to_gates = tf.concat(
        [g * i * (1 - i), c_before * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)], axis=2
    )
    kept = None if keep is None else tf.cast(keep, x.dtype)
    if kept is not None:
        to_cell, to_gates = to_cell * kept, to_gates * kept

    def retreat(t, dh, dc, d_gates):
        dh += d_outputs[t]
        inner = dh * to_cell[t] + (dc if kept is None else dc * kept[t])
        dz = to_gates[t] * tf.concat([inner, inner, inner, dh], axis=1)
        before_h, before_c = tf.matmul(dz, recurrent, transpose_b=True), inner * f[t]
        if kept is not None:
            # A state that stayed as it was hands its gradient on.
            before_h, before_c = before_h + (1 - kept[t]) * dh, before_c + (1 - kept[t]) * dc
        return t - 1, before_h, before_c, d_gates.write(t, dz)

    start = (shape[0] - 1, dh, dc, _array(x.dtype, shape[0], 4 * units))
    _, dh0, dc0, d_gates = tf.while_loop(lambda t, *_: t >= 0, retreat, start, parallel_iterations=1)
    dz = tf.reshape(d_gates.stack(), [-1, 4 * units])
    dx = tf.reshape(tf.matmul(dz, kernel, transpose_b=True), shape)
    d_kernel = tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), dz, transpose_a=True)
    d_recurrent = tf.matmul(tf.reshape(h_before, [-1, units]), dz, transpose_a=True)
    return dx, dh0, dc0, d_kernel, d_recurrent, tf.reduce_sum(dz, axis=0)


def _array(dtype, steps, width) -> tf.TensorArray:
    return tf.TensorArray(dtype, size=steps, element_shape=[None, width])
