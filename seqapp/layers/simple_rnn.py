"""A simple (Elman) RNN layer that trains faster on a CPU than Keras's own."""

import keras
import tensorflow as tf

from seqapp.layers.gathered_recurrence import (
    GatheredRecurrence,
    array,
    input_gradients,
    loop_backward,
    loop_forward,
    previous,
    projected,
)


@keras.saving.register_keras_serializable("seqapp")
class SimpleRNN(GatheredRecurrence, keras.layers.SimpleRNN):
    """`keras.layers.SimpleRNN` with its matrix products gathered over time; weights and results are the same.

    ``h' = tanh(x W + h U + b)``.

    Activations other than ``tanh``, dropout inside the layer and ``unroll`` run Keras's own loop.

    Source: Elman 1990, "Finding Structure in Time".

    Args:
        units: width H of h.
        *args: see `keras.layers.SimpleRNN`.
        **kwargs: see `keras.layers.SimpleRNN`.
    """

    @staticmethod
    def _forward(x, h, kernel, recurrent, bias, keep):
        """As `GatheredRecurrence._forward`; saves nothing but the outputs.

        Args:
            x: [T, B, E].
            h: [B, H].
            kernel, recurrent, bias: [E, H], [H, H], [H].
            keep: bool [T, B, 1], False where the state stays as it is; or None.
        """
        steps, units = tf.shape(x)[0], recurrent.shape[0]
        inputs = projected(x, kernel, bias)

        def advance(t, h, outputs):
            new_h = tf.tanh(inputs[t] + tf.matmul(h, recurrent))
            if keep is not None:
                new_h = tf.where(keep[t], new_h, h)
            return new_h, outputs.write(t, new_h)

        h, outputs = loop_forward(steps, advance, (h, array(x.dtype, steps, units)))
        return outputs.stack(), (h,), ()

    @staticmethod
    def _backward(inputs, keep, outputs, saved, upstream):
        x, h0, kernel, recurrent, _ = inputs
        d_outputs, dh = upstream
        steps, units = tf.shape(x)[0], recurrent.shape[0]
        slope = 1 - outputs * outputs
        kept = None if keep is None else tf.cast(keep, x.dtype)
        if kept is not None:
            slope *= kept

        def retreat(t, dh, d_inputs):
            dh += d_outputs[t]
            dz = dh * slope[t]
            before = tf.matmul(dz, recurrent, transpose_b=True)
            if kept is not None:
                # A state that stayed as it was hands its gradient on.
                before += (1 - kept[t]) * dh
            return before, d_inputs.write(t, dz)

        dh0, d_inputs = loop_backward(steps, retreat, (dh, array(x.dtype, steps, units)))
        dz = tf.reshape(d_inputs.stack(), [-1, units])
        dx, d_kernel = input_gradients(x, kernel, dz)
        h_before = tf.reshape(previous(h0, outputs), [-1, units])
        return dx, dh0, d_kernel, tf.matmul(h_before, dz, transpose_a=True), tf.reduce_sum(dz, axis=0)
