"""Adam with TensorFlow's fused update kernel."""

import seqapp.keras_backend  # before Keras

# isort: split
import keras
import tensorflow as tf

from seqapp.errors import ConfigError

__all__ = ["FusedAdam"]


@keras.saving.register_keras_serializable("seqapp")
class FusedAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` whose update is one fused kernel: the same steps in less time on a CPU.

    Keras writes the update as a chain of whole-array operations, each of which reads and writes memory;
    the kernel passes over weights and moments once. With ``amsgrad=True`` Keras's own update runs.

    Sparse gradients (`tf.IndexedSlices`) are made dense: every row is updated at every step, and the
    gradients of a row that occurs twice are summed.

    Source: Kingma and Ba 2015, "Adam", in the form before section 2.1 (epsilon hat).

    Args:
        *args: as `keras.optimizers.Adam`.
        **kwargs: as `keras.optimizers.Adam`.

    Raises:
        ConfigError: gradient accumulation under a `tf.distribute` strategy, which Keras does not support.
            All else works under strategies as Keras's Adam does.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._first_steps: dict[int, int] = {}
        self._rate_factors: dict[int, float] = {}
        if self.gradient_accumulation_steps and tf.distribute.has_strategy():
            raise ConfigError(
                "gradient_accumulation_steps: Keras cannot accumulate under a distribution strategy; "
                "leave it out, the batches of all replicas count together"
            )

    def begin_at(self, variables, step: int) -> None:
        """Makes weights that are frozen before a step begin there: the bias correction counts from it.

        Args:
            variables: `keras.Variable` that the optimizer is built for.
            step: steps of the optimizer before the first one that updates them.
        """
        self._first_steps |= {self._get_variable_index(variable): step for variable in variables}

    def scale_rate(self, variables, factor: float) -> None:
        """Multiplies the learning rate of some weights.

        Args:
            variables: `keras.Variable` that the optimizer is built for.
            factor: of their learning rate; weight decay keeps the rate of all.
        """
        self._rate_factors |= {self._get_variable_index(variable): factor for variable in variables}

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Updates one weight in place.

        Args:
            gradient: tensor or `tf.IndexedSlices` of the shape of `variable`.
            variable: `tf.Variable` or `keras.Variable`.
            learning_rate: scalar.
        """
        variable = variable.value if isinstance(variable, keras.Variable) else variable
        dtype = variable.dtype
        gradient = tf.cast(tf.convert_to_tensor(gradient), dtype)
        if self.amsgrad:
            super().update_step(gradient, variable, learning_rate)
            return
        # A tensor, not a variable, while gradients are accumulated.
        step = tf.cast(tf.convert_to_tensor(self.iterations) + 1, dtype)
        index = self._get_variable_index(variable)
        if first := self._first_steps.get(index, 0):
            # At least 1, also where loss scaling has left out steps.
            step = tf.maximum(step - first, 1)
        learning_rate = tf.cast(learning_rate, dtype)
        if (factor := self._rate_factors.get(index, 1.0)) != 1.0:
            learning_rate *= factor
        # Not tf.cast, which would round a Python number to float32 first.
        beta_1, beta_2, epsilon = (
            tf.convert_to_tensor(value, dtype) for value in (self.beta_1, self.beta_2, self.epsilon)
        )
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=beta_1**step,
            beta2_power=beta_2**step,
            lr=learning_rate,
            beta1=beta_1,
            beta2=beta_2,
            epsilon=epsilon,
            grad=gradient,
        )


import seqapp.keras_classes  # noqa: E402, F401  last: it imports this module
