"""Steps of two workers in two threads, with a sum over the threads in place of the all-reduce over gRPC."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.errors import ConfigError
from training.schedule import WarmupConstant
from training.workers.joint_step import JointStep
from training.workers.shards import shard

RATE = 0.03
SECONDS = 60


class ThreadCollective:
    """`Collective.sum` over threads; TensorFlow's all-reduce has one member per device, here a process."""

    def __init__(self, rank, size, barrier, given):
        self.rank, self.size = rank, size
        self._barrier, self._given = barrier, given

    def sum(self, values, number):
        self._given[self.rank] = values
        self._barrier.wait(SECONDS)
        found = tf.add_n(self._given)
        self._barrier.wait(SECONDS)
        return found


def collectives(size):
    barrier, given = Barrier(size), [None] * size
    return [ThreadCollective(rank, size, barrier, given) for rank in range(size)]


def joint_step(collective, layers=None, loss=None, shape=(1,)):
    """A step of a model, by default y = w · x with w = 1."""
    layers = layers or [keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    model = keras.Sequential([keras.Input(shape), *layers])
    schedule = WarmupConstant(peak=RATE, final=RATE, warmup_steps=0, total_steps=8)
    model.compile(
        keras.optimizers.SGD(schedule),
        loss or keras.losses.MeanSquaredError(),
        weighted_metrics=[keras.metrics.MeanAbsoluteError(name="error")],
    )
    model.optimizer.build(model.trainable_variables)
    return JointStep(model, collective, schedule)


def run(steps, batch):
    """The logs of all workers after a step on their rows of a joint batch."""

    def one(step):
        logs = step(shard(batch, step.collective.rank, len(steps)))
        return {name: float(value) for name, value in logs.items()}

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(one, steps, timeout=SECONDS))


def weights(step):
    return step.model.get_weights()[0].ravel().tolist()


def rows(*values):
    return tf.constant(values, shape=[len(values), 1], dtype=tf.float32)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_gradient_loss_and_metrics_are_those_of_the_joint_batch(size):
    steps = [joint_step(collective) for collective in collectives(size)]
    found = run(steps, (rows(1, 2, 3), rows(0, 0, 0)))
    # Losses 1, 4, 9; gradients 2, 8, 18. The mean of the means of two workers, {1, 3} and {2}, would be 9.
    for step, logs in zip(steps, found, strict=True):
        assert logs == pytest.approx({"loss": 14 / 3, "error": 2.0})
        assert weights(step) == pytest.approx([1 - RATE * 28 / 3])
    # The weight is now 0.72; the logs are means over both batches.
    found = run(steps, (rows(0, 0, 5), rows(0, 0, 0)))
    assert found == [pytest.approx({"loss": (14 + 3.6**2) / 6, "error": (6 + 3.6) / 6})] * size


def test_weights_of_rows_count_in_the_mean():
    loss = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    steps = [joint_step(collective, loss=loss) for collective in collectives(2)]
    found = run(steps, (rows(1, 2, 3), rows(0, 0, 0), tf.constant([1.0, 2.0, 3.0])))
    # (1 + 2 · 4 + 3 · 9) / 6 and (2 + 2 · 8 + 3 · 18) / 6.
    for step, logs in zip(steps, found, strict=True):
        assert logs == pytest.approx({"loss": 6.0, "error": 14 / 6})
        assert weights(step) == pytest.approx([1 - RATE * 12])


def test_a_worker_without_rows_adds_nothing():
    steps = [joint_step(collective) for collective in collectives(2)]
    found = run(steps, (rows(3), rows(0)))
    assert found == [pytest.approx({"loss": 9.0, "error": 3.0})] * 2
    assert [weights(step) for step in steps] == [pytest.approx([1 - RATE * 18])] * 2


def test_tokens_that_several_workers_have_are_summed():
    steps = [
        joint_step(collective, [keras.layers.Embedding(3, 1)], shape=()) for collective in collectives(2)
    ]
    for step in steps:
        step.model.set_weights([np.asarray([[1.0], [2.0], [4.0]])])
    run(steps, (tf.constant([0, 0, 1]), rows(0, 0, 0)))
    # Gradients (2 · 1 + 2 · 1) / 3, 2 · 2 / 3 and none.
    for step in steps:
        assert weights(step) == pytest.approx([1 - RATE * 4 / 3, 2 - RATE * 4 / 3, 4.0])


def test_rank_0_decides_on_length_and_end():
    first, second = (joint_step(collective) for collective in collectives(2))
    first.schedule.shorten(4)
    second.ends.assign(1.0)
    run([first, second], (rows(1, 2), rows(0, 0)))
    assert np.asarray(second.schedule.lengths).tolist() == [0.0, 4.0]
    assert (float(first.ended), float(second.ended)) == (0.0, 0.0)
    first.ends.assign(1.0)
    run([first, second], (rows(1, 2), rows(0, 0)))
    assert (float(first.ended), float(second.ended)) == (1.0, 1.0)


def test_a_loss_that_is_no_mean_is_refused():
    with pytest.raises(ConfigError, match=r"^several workers: the loss must be a mean.* 'sum'$"):
        joint_step(collectives(1)[0], loss=keras.losses.MeanSquaredError(reduction="sum"))
