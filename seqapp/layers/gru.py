"""A GRU layer that trains faster on a CPU than Keras's own."""

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
class GRU(GatheredRecurrence, keras.layers.GRU):
    """`keras.layers.GRU` with its matrix products gathered over time; weights and results are the same.

    ``z, r = σ(x W + b + h U + d)``, ``n = tanh(x W_n + b_n + r (h U_n + d_n))``, ``h' = z h + (1 - z) n``.

    ``reset_after=False``, activations other than ``tanh`` and ``sigmoid``, dropout inside the layer,
    ``unroll``, ``implementation=1`` and ``use_cudnn=True`` run Keras's own loop.

    Source: Cho et al. 2014; the reset gate acts after the product, as in cuDNN.

    Args:
        units: width H of h.
        *args: see `keras.layers.GRU`.
        use_cudnn: see `keras.layers.GRU`; "auto" means False here.
        **kwargs: see `keras.layers.GRU`.
    """

    def __init__(self, units: int, *args, use_cudnn: bool | str = "auto", **kwargs) -> None:
        super().__init__(units, *args, use_cudnn=without_cudnn(use_cudnn), **kwargs)

    @property
    def _gathered(self) -> bool:
        return super()._gathered and has_sigmoid_gates(self) and self.reset_after

    def _bias_shape(self):
        return 2, *super()._bias_shape()

    @staticmethod
    def _forward(x, h, kernel, recurrent, bias, keep):
        """As `GatheredRecurrence._forward`; saves z and r [T, B, 2H], ``h U_n + d_n`` and n [T, B, H].

        Args:
            x: [T, B, E].
            h: [B, H].
            kernel, recurrent, bias: [E, 3H], [H, 3H], [2, 3H], gates in the order z, r, n.
            keep: bool [T, B, 1], False where the state stays as it is; or None.
        """
        steps, units = tf.shape(x)[0], recurrent.shape[0]
        inputs_zr, inputs_n = tf.split(projected(x, kernel, bias[0]), [2 * units, units], axis=2)

        def advance(t, h, outputs, inner):
            z_r_n = tf.nn.bias_add(tf.matmul(h, recurrent), bias[1])
            zr, of_n = tf.split(z_r_n, [2 * units, units], axis=1)
            z, r = tf.split(tf.sigmoid(inputs_zr[t] + zr), 2, axis=1)
            n = tf.tanh(inputs_n[t] + r * of_n)
            new_h = n + z * (h - n)
            if keep is not None:
                new_h = tf.where(keep[t], new_h, h)
            return new_h, outputs.write(t, new_h), inner.write(t, z_r_n)

        arrays = [array(x.dtype, steps, width) for width in (units, 3 * units)]
        h, outputs, inner = loop_forward(steps, advance, (h, *arrays))
        return outputs.stack(), (h,), (inputs_zr, inputs_n, inner.stack())

    @staticmethod
    def _backward(inputs, keep, outputs, saved, upstream):
        x, h0, kernel, recurrent, _ = inputs
        inputs_zr, inputs_n, inner = saved
        d_outputs, dh = upstream
        steps, units = tf.shape(x)[0], recurrent.shape[0]
        h_before = previous(h0, outputs)
        zr, of_n = tf.split(inner, [2 * units, units], axis=2)
        z, r = tf.split(tf.sigmoid(inputs_zr + zr), 2, axis=2)
        n = tf.tanh(inputs_n + r * of_n)
        # What dh_t is multiplied with, for all steps at once.
        to_n = (1 - z) * (1 - n * n)
        to_z, to_r = (h_before - n) * z * (1 - z), to_n * of_n * r * (1 - r)
        if keep is not None:
            kept = tf.cast(keep, x.dtype)
            to_z, to_r, to_n = to_z * kept, to_r * kept, to_n * kept
            # A state that stayed as it was hands its gradient on.
            z = tf.where(keep, z, tf.ones_like(z))
        to_recurrent = tf.concat([to_z, to_r, to_n * r], axis=2)

        def retreat(t, dh, d_states):
            dh += d_outputs[t]
            dz = to_recurrent[t] * tf.concat([dh, dh, dh], axis=1)
            return tf.matmul(dz, recurrent, transpose_b=True) + dh * z[t], d_states.write(t, dh)

        dh0, d_states = loop_backward(steps, retreat, (dh, array(x.dtype, steps, units)))
        dh = d_states.stack()
        dh = tf.concat([dh, dh, dh], axis=2)
        d_inner = tf.reshape(dh * to_recurrent, [-1, 3 * units])
        d_input = tf.reshape(dh * tf.concat([to_z, to_r, to_n], axis=2), [-1, 3 * units])
        dx, d_kernel = input_gradients(x, kernel, d_input)
        d_recurrent = tf.matmul(tf.reshape(h_before, [-1, units]), d_inner, transpose_a=True)
        d_bias = tf.stack([tf.reduce_sum(d_input, axis=0), tf.reduce_sum(d_inner, axis=0)])
        return dx, dh0, d_kernel, d_recurrent, d_bias
