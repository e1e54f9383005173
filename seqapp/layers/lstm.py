"""An LSTM layer that trains faster on a CPU than Keras's own."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from seqapp.layers.gathered_recurrence import (
    GatheredRecurrence,
    array,
    has_sigmoid_gates,
    input_gradients,
    loop_backward,
    loop_forward,
    previous,
    projected,
    without_cudnn,
)


@keras.saving.register_keras_serializable("seqapp")
class LSTM(GatheredRecurrence, keras.layers.LSTM):
    """`keras.layers.LSTM` with its matrix products gathered over time; weights and results are the same.

    ``i, f, o = σ(x W + h U + b)``, ``g = tanh(x W_g + h U_g + b_g)``, ``c' = f c + i g``,
    ``h' = o tanh(c')``.

    Activations other than ``tanh`` and ``sigmoid``, dropout inside the layer, ``unroll``,
    ``implementation=1`` and ``use_cudnn=True`` run Keras's own loop.

    Source: Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and Cummins 2000.

    Args:
        units: width H of h and of c.
        *args: see `keras.layers.LSTM`.
        use_cudnn: see `keras.layers.LSTM`; "auto" means False here.
        **kwargs: see `keras.layers.LSTM`.
    """

    def __init__(self, units: int, *args, use_cudnn: bool | str = "auto", **kwargs) -> None:
        super().__init__(units, *args, use_cudnn=without_cudnn(use_cudnn), **kwargs)

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
    def _gathered(self) -> bool:
        return super()._gathered and has_sigmoid_gates(self)

    @staticmethod
    def _forward(x, h, c, kernel, recurrent, bias, keep):
        """As `GatheredRecurrence._forward`; saves gates before activation [T, B, 4H] and all c.

        Args:
            x: [T, B, E].
            h, c: [B, H].
            kernel, recurrent, bias: [E, 4H], [H, 4H], [4H], gates in the order i, f, g, o.
            keep: bool [T, B, 1], False where a state stays as it is; or None.
        """
        steps, units = tf.shape(x)[0], recurrent.shape[0]
        inputs = projected(x, kernel, bias)

        def advance(t, h, c, outputs, cells, gates):
            z = inputs[t] + tf.matmul(h, recurrent)
            i, f, g, o = tf.split(z, 4, axis=1)
            new_c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            new_h = tf.sigmoid(o) * tf.tanh(new_c)
            if keep is not None:
                new_c, new_h = tf.where(keep[t], new_c, c), tf.where(keep[t], new_h, h)
            return new_h, new_c, outputs.write(t, new_h), cells.write(t, new_c), gates.write(t, z)

        arrays = [array(x.dtype, steps, width) for width in (units, units, 4 * units)]
        h, c, outputs, cells, gates = loop_forward(steps, advance, (h, c, *arrays))
        return outputs.stack(), (h, c), (gates.stack(), cells.stack())

    @staticmethod
    def _backward(inputs, keep, outputs, saved, upstream):
        x, h0, c0, kernel, recurrent, _ = inputs
        gates, cells = saved
        d_outputs, dh, dc = upstream
        steps, units = tf.shape(x)[0], recurrent.shape[0]
        i, f, g, o = tf.split(gates, 4, axis=2)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        tanh_c = tf.tanh(cells)
        # What dc_t and dh_t are multiplied with, for all steps at once.
        to_cell = o * (1 - tanh_c * tanh_c)
        to_gates = tf.concat(
            [g * i * (1 - i), previous(c0, cells) * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)],
            axis=2,
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
            return before_h, before_c, d_gates.write(t, dz)

        dh0, dc0, d_gates = loop_backward(steps, retreat, (dh, dc, array(x.dtype, steps, 4 * units)))
        dz = tf.reshape(d_gates.stack(), [-1, 4 * units])
        dx, d_kernel = input_gradients(x, kernel, dz)
        h_before = tf.reshape(previous(h0, outputs), [-1, units])
        d_recurrent = tf.matmul(h_before, dz, transpose_a=True)
        return dx, dh0, dc0, d_kernel, d_recurrent, tf.reduce_sum(dz, axis=0)
