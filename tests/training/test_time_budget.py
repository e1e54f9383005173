import io

import keras
import pytest
from rich.console import Console

from training.schedule import WarmupLinear
from training.time_budget import TimeBudget


class Clock:
    def __init__(self, seconds):
        self.seconds = seconds

    def __call__(self):
        return self.seconds


def stop(model):
    model.stop_training = True


def budget(clock, batches=0):
    out = io.StringIO()
    schedule = WarmupLinear(1.0, 0.0, 0, 1000)
    found = TimeBudget(1.0, schedule, clock, Console(file=out, width=100), stop, batches)
    found.set_model(keras.Sequential())
    found.model.stop_training = False
    return found, schedule, out


def train(callback, clock, batches, seconds_per_batch):
    for batch in range(batches):
        clock.seconds += seconds_per_batch
        callback.on_train_batch_end(batch)


def rate(schedule, step):
    """The learning rate of a step, counted from 1."""
    return float(schedule(step - 1))


def test_the_learning_rate_reaches_its_end_with_the_time():
    clock = Clock(0.0)
    found, schedule, out = budget(clock)
    # The 9 s of compilation are not taken for the time of a batch.
    train(found, clock, 1, 9.0)
    assert rate(schedule, 500) == 0.5
    train(found, clock, 9, 0.5)
    assert found.left() == 46.5
    # 93 more, so 103 in all.
    assert rate(schedule, 103) == 0.0
    assert rate(schedule, 51) == pytest.approx(1 - 51 / 103)
    train(found, clock, 92, 0.5)
    assert not found.model.stop_training
    train(found, clock, 1, 0.5)
    assert found.model.stop_training
    assert out.getvalue() == "1 minutes are over; training stops here\n"


def test_time_and_batches_before_a_checkpoint_count():
    clock = Clock(50.0)
    found, schedule, _ = budget(clock, batches=400)
    train(found, clock, 10, 0.2)
    # 8 s are left: 40 batches of 0.2 s after the 410.
    assert rate(schedule, 450) == pytest.approx(0.0, abs=1e-6)
    assert rate(schedule, 225) == pytest.approx(0.5)


def test_a_budget_that_is_longer_than_the_plan_changes_nothing():
    clock = Clock(0.0)
    found, schedule, _ = budget(clock)
    train(found, clock, 100, 0.001)
    assert rate(schedule, 500) == 0.5
