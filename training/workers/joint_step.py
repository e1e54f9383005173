"""The training step of several workers: the gradients of the joint batch."""

from typing import Any

import keras
import tensorflow as tf

from seqapp.errors import ConfigError
from training.schedule import WarmupSchedule
from training.workers.collective import Collective, step_number


class JointStep:
    """A `train_step` of Keras whose gradients, loss and metrics are those of the joint batch.

    Each worker computes them for its rows. One all-reduce per step sums, over the workers, gradients and
    loss times the weight that the worker's rows have in the mean, these weights, and what the rows add to
    the metrics. Gradient accumulation, loss scaling, clipping and weight decay come after it.

    Rank 0 also decides in it how long the schedule is, and whether the training ends with this step.

    Gradients of embeddings are dense here. With one worker they are slices, whose norm Keras takes before it
    sums the slices of a token that occurs twice: where clipping sets in, the two differ slightly.

    Args:
        model: a compiled model with one loss, which is a mean over tokens or rows.
        collective: sums over the workers.
        schedule: of the learning rate.

    Attributes:
        ends: set to 1 on rank 0 to end the training with the next step.
        ended: 1 on all workers after the step that was the last one, else 0.

    Raises:
        ConfigError: the loss is no mean.
    """

    def __init__(self, model: keras.Model, collective: Collective, schedule: WarmupSchedule) -> None:
        self.model = model
        self.collective = collective
        self.schedule = schedule
        self.ends = tf.Variable(0.0, trainable=False)
        self.ended = tf.Variable(0.0, trainable=False)
        self.reduction = getattr(model.loss, "reduction", None)
        if self.reduction not in ("mean_with_sample_weight", "sum_over_batch_size", "mean"):
            raise ConfigError(
                f"several workers: the loss must be a mean, got {model.loss!r} with the reduction "
                f"{self.reduction!r}"
            )

    def __call__(self, data: Any) -> dict[str, tf.Tensor]:
        """Train on the rows of this worker and return the logs of the joint batch."""
        model = self.model
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            predicted = model(inputs, training=True)
            loss = model.compute_loss(inputs, targets, predicted, weights, training=True)
            scaled = model.optimizer.scale_loss(loss)
        variables = model.trainable_variables
        gradients = tape.gradient(scaled, variables)
        tracked = self._metric_variables(inputs, targets, predicted, weights)
        before = [tf.identity(variable) for variable in tracked]
        model.compute_metrics(inputs, targets, predicted, weights)
        added = [variable - old for variable, old in zip(tracked, before, strict=True)]
        rows, weight = self._rows_and_weight(inputs, weights)
        joint = self._summed(
            [_weighted(one, weight, variable) for one, variable in zip(gradients, variables, strict=True)],
            [weight * tf.cast(loss, tf.float32), weight, rows],
            added,
            self._decided(),
        )
        self.schedule.lengths.assign(joint[3][0])
        self.ended.assign(joint[3][1])
        total, joint_weight, joint_rows = joint[1]
        joint_gradients = [
            None if one is None else tf.math.divide_no_nan(one, joint_weight) for one in joint[0]
        ]
        model.optimizer.apply(joint_gradients, variables)
        joint_loss = tf.math.divide_no_nan(total, joint_weight)
        for metric in model.metrics:
            if metric.name == "loss":
                metric.update_state(joint_loss, sample_weight=joint_rows)
        for variable, old, one in zip(tracked, before, joint[2], strict=True):
            variable.assign(old + tf.cast(one, old.dtype))
        return model.get_metrics_result()

    def _decided(self) -> list[tf.Tensor]:
        """Return lengths of the schedule and `ends` on rank 0, zeros on the others."""
        found = [tf.convert_to_tensor(self.schedule.lengths), tf.identity(self.ends)]
        return found if self.collective.rank == 0 else [tf.zeros_like(one) for one in found]

    def _metric_variables(self, *batch: Any) -> list[keras.Variable]:
        """Return the variables of all metrics but the loss; they are built if they are not."""
        for _ in range(2):
            metrics = [metric for metric in self.model.metrics if metric.name != "loss"]
            found = [variable for metric in metrics for variable in metric.variables]
            if found:
                break
            with tf.init_scope():
                # One row with the weight 0, as Keras builds the metrics at the first update only.
                self.model.compute_metrics(*tf.nest.map_structure(_one_zero, batch))
        return found

    def _rows_and_weight(self, inputs: Any, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return this worker's number of rows, 0 if it has none, and their weight in the loss."""
        weights = tf.cast(weights, tf.float32)
        rows = tf.cast(tf.shape(tf.nest.flatten(inputs)[0])[0], tf.float32)
        rows *= tf.cast(tf.reduce_any(weights > 0), tf.float32)
        return rows, tf.reduce_sum(weights) if self.reduction == "mean_with_sample_weight" else rows

    def _summed(self, *groups: list[tf.Tensor | None]) -> list[list[tf.Tensor | None]]:
        """Return the tensors summed over the workers, all in one all-reduce; None stays None."""
        tensors = [tf.cast(one, tf.float32) for group in groups for one in group if one is not None]
        flat = tf.concat([tf.reshape(one, [-1]) for one in tensors], axis=0)
        sizes = [one.shape.num_elements() for one in tensors]
        parts = tf.split(self.collective.sum(flat, step_number(sum(sizes))), sizes)
        found = iter([tf.reshape(part, one.shape) for part, one in zip(parts, tensors, strict=True)])
        return [[None if one is None else next(found) for one in group] for group in groups]


def _weighted(gradient: Any, weight: tf.Tensor, variable: keras.Variable) -> tf.Tensor | None:
    """Return a gradient times `weight` as a dense tensor of the shape of its variable; None stays None."""
    if gradient is None:
        return None
    # Sliced gradients of embeddings have no static shape.
    return tf.reshape(weight * tf.cast(tf.convert_to_tensor(gradient), tf.float32), tuple(variable.shape))


def _one_zero(tensor: tf.Tensor) -> tf.Tensor:
    """Return zeros of the tensor's type and shape, 1 where the size is unknown."""
    return tf.zeros([size or 1 for size in tensor.shape], tensor.dtype)
