import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapp.config import FitConfig
from training.schedule import (
    SCHEDULES,
    WarmupConstant,
    WarmupCosine,
    WarmupInverseSqrt,
    WarmupLinear,
    WarmupSchedule,
    learning_rate_schedule,
)

# Two steps of rise to 1.0, then four steps; the places are the first and second step, the middle, the last
# step and a later one.
PLACES = (0, 1, 3, 5, 50)


@pytest.mark.parametrize(
    ("kind", "rates"),
    [
        # Half a cosine down to 0.2, its middle is 0.6.
        (WarmupCosine, [0.5, 1.0, 0.6, 0.2, 0.2]),
        (WarmupLinear, [0.5, 1.0, 0.6, 0.2, 0.2]),
        # √(2 / step), of steps 4, 6 and 51.
        (WarmupInverseSqrt, [0.5, 1.0, 0.707107, 0.577350, 0.198030]),
        (WarmupConstant, [0.5, 1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_by_hand(kind, rates):
    schedule = kind(peak=1.0, final=0.2, warmup_steps=2, total_steps=6)
    np.testing.assert_allclose([schedule(step) for step in PLACES], rates, rtol=1e-5)


def test_cosine_and_linear_differ_between_their_middles():
    quarter = [kind(1.0, 0.2, 2, 6)(2) for kind in (WarmupCosine, WarmupLinear)]
    np.testing.assert_allclose(quarter, [0.2 + 0.8 * 0.853553, 0.8], rtol=1e-5)


def test_inverse_square_root_is_that_of_the_paper():
    # Vaswani et al. 2017, equation 3, with a model width of 512 and 4,000 steps of warm-up.
    peak = 512**-0.5 * 4000**-0.5
    schedule = WarmupInverseSqrt(peak, 0.0, 4000, 100_000)
    for step in (1, 100, 4000, 4001, 50_000):
        expected = 512**-0.5 * min(step**-0.5, step * 4000**-1.5)
        np.testing.assert_allclose(schedule(step - 1), expected, rtol=1e-5)


@pytest.mark.parametrize("kind", SCHEDULES.values())
def test_without_warmup_it_starts_at_the_peak(kind):
    np.testing.assert_allclose(kind(1.0, 0.0, 0, 1000)(0), 1.0, atol=2e-3)


def test_steps_are_those_of_the_optimizer():
    # Three batches per step: batches 0 to 2 are the first step.
    schedule = WarmupLinear(1.0, 0.2, 2, 6, batches_per_step=3)
    found = [schedule(np.int64(batch)) for batch in (0, 2, 3, 5, 9, 11)]
    np.testing.assert_allclose(found, [0.5, 0.5, 1.0, 1.0, 0.6, 0.6], rtol=1e-5)


def test_a_schedule_of_settings():
    rates = {"learning_rate": 0.5, "final_learning_rate": 0.1, "warmup_fraction": 0.2}
    settings = FitConfig(schedule="linear", accumulated_batches=3, **rates)
    schedule = learning_rate_schedule(settings, 32)
    assert type(schedule) is WarmupLinear
    assert schedule.get_config() == {
        "peak": 0.5,
        "final": 0.1,
        "warmup_steps": 2,
        "total_steps": 10,
        "batches_per_step": 3,
    }
    assert type(learning_rate_schedule(FitConfig(), 32)) is WarmupCosine


def test_a_shortened_schedule_ends_with_the_batches_that_are_left():
    # Half of 8 steps of 2 batches: a warm-up of one step, then 1.0 down to 0.2 in three.
    schedule = WarmupLinear(1.0, 0.2, 2, 8, batches_per_step=2)
    compiled = tf.function(schedule)
    compiled(0)
    schedule.shorten(8)
    found = [float(compiled(tf.constant(batch))) for batch in (0, 2, 4, 6, 8)]
    np.testing.assert_allclose(found, [1.0, 1.0 - 0.8 / 3, 1.0 - 1.6 / 3, 0.2, 0.2], rtol=1e-5)
    # It never gets longer than planned.
    schedule.shorten(1000)
    np.testing.assert_allclose(schedule(14), 0.2, rtol=1e-5)
    np.testing.assert_allclose(schedule(12), 0.2 + 0.8 / 6, rtol=1e-5)


@pytest.mark.parametrize("kind", SCHEDULES.values())
def test_serialisation(kind):
    schedule = kind(1.0, 0.2, 2, 6)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert type(again) is kind
    assert again.get_config() == schedule.get_config()


def test_a_schedule_needs_a_decay():
    with pytest.raises(TypeError, match="abstract"):
        WarmupSchedule(peak=1.0, final=0.2, warmup_steps=2, total_steps=6)
