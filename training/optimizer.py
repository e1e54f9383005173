"""Adam in one pass over the weights."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("seqapp")
class FusedAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` with TensorFlow's fused kernel; the same steps in less time on a CPU.

    Keras writes the update as a chain of whole-array operations, each of which reads and writes memory;
    the kernel goes through weights and moments once. AMSGrad is not for this class.

    Source: Kingma and Ba 2015, "Adam", in the form before section 2.1 (epsilon hat).
    """

    def update_step(self, gradient, variable, learning_rate):
        """Updates one weight in place; sparse gradients are made dense."""
        dtype = variable.dtype
        step = tf.cast(self.iterations.value + 1, dtype)
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
