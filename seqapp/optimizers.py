"""Adam in one pass over the weights."""

import seqapp.keras_backend  # before Keras

# isort: split
import keras
import tensorflow as tf

from seqapp.errors import ConfigError

__all__ = ["FusedAdam"]


@keras.saving.register_keras_serializable("seqapp")
class FusedAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` with TensorFlow's fused kernel; the same steps in less time on a CPU.

    Keras writes the update as a chain of whole-array operations, each of which reads and writes memory;
    the kernel goes through weights and moments once.

    Source: Kingma and Ba 2015, "Adam", in the form before section 2.1 (epsilon hat).

    Args:
        *args: of `keras.optimizers.Adam`.
        **kwargs: of `keras.optimizers.Adam`.

    Raises:
        ConfigError: ``amsgrad`` is asked for, which the kernel does not have, or gradient accumulation
            under a `tf.distribute` strategy. Otherwise it works under strategies as Keras's own does.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.amsgrad:
            raise ConfigError("amsgrad: FusedAdam has none; use keras.optimizers.Adam(amsgrad=True)")
        if self.gradient_accumulation_steps and tf.distribute.has_strategy():
            raise ConfigError(
                "gradient_accumulation_steps: Keras cannot accumulate under a distribution strategy; "
                "leave it out, the batches of all replicas count together"
            )

    def update_step(self, gradient, variable, learning_rate):
        """Updates one weight in place; sparse gradients are made dense."""
        dtype = variable.dtype
        step = tf.cast(tf.convert_to_tensor(self.iterations) + 1, dtype)
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.cast(self.beta_1, dtype) ** step,
            beta2_power=tf.cast(self.beta_2, dtype) ** step,
            lr=tf.cast(learning_rate, dtype),
            beta1=tf.cast(self.beta_1, dtype),
            beta2=tf.cast(self.beta_2, dtype),
            epsilon=tf.cast(self.epsilon, dtype),
            grad=tf.convert_to_tensor(gradient),
        )


import seqapp.keras_classes  # noqa: E402, F401  last: it imports this module
