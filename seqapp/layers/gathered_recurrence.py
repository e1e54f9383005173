"""What the recurrent layers share: an inner loop whose matrix products are gathered over time."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("seqapp")
class OrthogonalInFloat32(keras.initializers.Orthogonal):
    """An orthogonal matrix computed in float32: TensorFlow has no QR decomposition in bfloat16."""

    def __call__(self, shape, dtype=None):
        return tf.cast(super().__call__(shape, "float32"), dtype or "float32")


class GatheredRecurrence(keras.layers.RNN):
    """A mixin before `keras.layers.LSTM`, `GRU` or `SimpleRNN` that replaces its loop over time.

    Keras multiplies each step's input inside the loop, and its gradient accumulates a gradient of the
    whole kernel at every step. Here only the products with the recurrent kernel stay in the loops,
    forward and backward:

    1. forward: ``x W + b`` is one product over all steps;
    2. backward: the loop yields the gradients of the steps; those of W, U and x are one product each
       over all steps.

    Subclasses define two static methods; arguments that they do not compute run Keras's own loop:

    - ``_forward(x [T, B, E], *first state [B, H], kernel, recurrent kernel, bias, keep) -> outputs
      [T, B, H], last state, saved``: `keep`, bool [T, B, 1] or None, is False where the state stays as it
      is; the states and what is saved for the gradient are tuples.
    - ``_backward(inputs, keep, outputs, saved, upstream)``: gradients of all inputs of ``_forward`` but
      `keep`, from those of its outputs and of the last state.
    """

    _forward: Callable[..., tuple[Any, Any, Any]]
    _backward: Callable[..., tuple[tf.Tensor, ...]]

    def __init__(self, units: int, *args, **kwargs) -> None:
        super().__init__(units, *args, **kwargs)
        initializer = self.cell.recurrent_initializer
        if self.cell.variable_dtype == "bfloat16" and type(initializer) is keras.initializers.Orthogonal:
            self.cell.recurrent_initializer = OrthogonalInFloat32(**initializer.get_config())

    @staticmethod
    def state_units(units: int) -> tuple[int, ...]:
        """Widths of the parts of the state of a cell of `units`."""
        return (units,)

    @staticmethod
    def initial_state(parts: Sequence[tf.Tensor]) -> tuple[tf.Tensor, ...]:
        """A state from one projection [B, width] per part; h is bounded as every output is."""
        (h,) = parts
        return (tf.tanh(h),)

    @property
    def _gathered(self) -> bool:
        """Whether `_forward` computes what the arguments of the layer specify."""
        cell = self.cell
        dropout = cell.dropout or cell.recurrent_dropout
        return cell.activation is keras.activations.tanh and not (dropout or self.unroll)

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Overrides the loop of the Keras layer.

        Args:
            sequences: [B, T, E].
            initial_state: parts of the state, [B, H] each.
            mask: bool or 0/1, [B, T] or [B, T, 1], False where a step is skipped; or None.

        Returns:
            the last output [B, H], outputs [B, T, H], and the parts of the last state.
        """
        if not self._gathered:
            return super().inner_loop(sequences, initial_state, mask, training=training)
        x = tf.transpose(tf.cast(sequences, self.cell.compute_dtype), [1, 0, 2])
        keep = _time_major(mask)
        if self.go_backwards:
            x = tf.reverse(x, [0])
            keep = None if keep is None else tf.reverse(keep, [0])
        # A stateful layer's states are variables, which will have changed when the gradient reads them.
        states = [tf.identity(state) for state in initial_state]
        outputs, *states = self._run(keep, training)(x, *states, *self._weights())
        if keep is not None:
            outputs = tf.where(self._has_output(keep), outputs, tf.zeros_like(outputs))
        last = outputs[-1]
        outputs = tf.transpose(outputs, [1, 0, 2])
        # The loop loses what was known of the shape.
        outputs.set_shape([*sequences.shape[:2], self.units])
        for state in (last, *states):
            state.set_shape([sequences.shape[0], self.units])
        return last, outputs, states

    def _run(self, keep: tf.Tensor | None, training: bool) -> Callable[..., tuple[tf.Tensor, ...]]:
        """`_forward` without what it saves; in training with the gathered gradient."""
        forward = functools.partial(self._forward, keep=keep)

        def plain(*inputs):
            outputs, states, _ = forward(*inputs)
            return outputs, *states

        @tf.custom_gradient
        def with_gradient(*inputs):
            outputs, states, saved = forward(*inputs)

            def gradient(*upstream):
                return self._backward(inputs, keep, outputs, saved, upstream)

            return (outputs, *states), gradient

        return with_gradient if training else plain

    def _weights(self) -> list[tf.Tensor]:
        """Kernel, recurrent kernel and bias; zeros without a bias."""
        cell = self.cell
        bias = tf.zeros(self._bias_shape(), cell.compute_dtype) if cell.bias is None else cell.bias
        return [tf.convert_to_tensor(w) for w in (cell.kernel, cell.recurrent_kernel, bias)]

    def _bias_shape(self) -> Sequence[int]:
        return self.cell.kernel.shape[-1:]

    def _has_output(self, keep: tf.Tensor) -> tf.Tensor:
        """bool [T, B, 1]: a skipped step repeats the output before it, or is 0, as the first ones are."""
        return keep if self.zero_output_for_mask else tf.cumsum(tf.cast(keep, tf.int32), axis=0) > 0


def has_sigmoid_gates(layer: Any) -> bool:
    """Whether an LSTM or GRU has the gates that are gathered, and neither cuDNN nor split products."""
    cell = layer.cell
    sigmoid = cell.recurrent_activation is keras.activations.sigmoid
    return sigmoid and not layer.use_cudnn and cell.implementation == 2


def without_cudnn(use_cudnn: Any) -> Any:
    """False for "auto", which would let `keras.layers.Bidirectional` bypass the layer on a GPU."""
    return False if use_cudnn == "auto" else use_cudnn


def projected(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """``x W + b`` [T, B, G] of x [T, B, E], one product."""
    shape = tf.shape(x)
    flat = tf.nn.bias_add(tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), kernel), bias)
    return tf.reshape(flat, [shape[0], shape[1], kernel.shape[-1]])


def input_gradients(x: tf.Tensor, kernel: tf.Tensor, dz: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Gradients of x [T, B, E] and of W, from the gradient dz [T · B, G] of ``x W + b``."""
    dx = tf.reshape(tf.matmul(dz, kernel, transpose_b=True), tf.shape(x))
    return dx, tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), dz, transpose_a=True)


def previous(first: tf.Tensor, states: tf.Tensor) -> tf.Tensor:
    """The state before each step [T, B, H], of the first one [B, H] and those after each step."""
    return tf.concat([first[tf.newaxis], states[:-1]], axis=0)


def loop_forward(steps: tf.Tensor, body: Callable, start: Sequence[Any]) -> tuple[Any, ...]:
    """Runs ``body(t, *values) -> new values`` for t = 0 … steps - 1; the last values."""
    return _loop(lambda t, *_: t < steps, 1, 0, body, start)


def loop_backward(steps: tf.Tensor, body: Callable, start: Sequence[Any]) -> tuple[Any, ...]:
    """As `loop_forward`, for t = steps - 1 … 0."""
    return _loop(lambda t, *_: t >= 0, -1, steps - 1, body, start)


def _loop(condition: Callable, by: int, first: Any, body: Callable, start: Sequence[Any]) -> tuple[Any, ...]:
    def advance(t, *values):
        return t + by, *body(t, *values)

    _, *values = tf.while_loop(condition, advance, (first, *start), parallel_iterations=1)
    return tuple(values)


def array(dtype: tf.DType, steps: tf.Tensor, width: int) -> tf.TensorArray:
    """An array of `steps` tensors [B, width]."""
    return tf.TensorArray(dtype, size=steps, element_shape=[None, width])


def _time_major(mask: Any) -> tf.Tensor | None:
    """bool [T, B, 1] of a mask as `inner_loop` takes it."""
    mask = mask[0] if isinstance(mask, list | tuple) else mask
    if mask is None:
        return None
    mask = tf.cast(mask, tf.bool)
    mask = mask if mask.shape.rank == 3 else mask[:, :, tf.newaxis]
    return tf.transpose(mask, [1, 0, 2])
