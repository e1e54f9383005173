"""Learning rate schedules: a linear warm-up, then one of several decays."""

import math
from abc import ABC, abstractmethod

import keras
from keras import ops

from seqapp.config import FitConfig
from seqapp.errors import ConfigError


class WarmupSchedule(keras.optimizers.schedules.LearningRateSchedule, ABC):
    """Linear warm-up to `peak`; what follows is the subclass's `decay`.

    Keras gives a schedule the number of batches so far, with gradient accumulation too, where one step of
    the optimizer takes several batches. Steps here are steps of the optimizer.

    Args:
        peak: learning rate at the end of the warm-up.
        final: learning rate from the last step on, of schedules that decay to one.
        warmup_steps: number of warm-up steps.
        total_steps: number of training steps.
        batches_per_step: batches of one step of the optimizer.
    """

    def __init__(
        self, peak: float, final: float, warmup_steps: int, total_steps: int, batches_per_step: int = 1
    ) -> None:
        self.peak = peak
        self.final = final
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.batches_per_step = batches_per_step
        # Warm-up and all steps, read in the compiled training step, so that `shorten` has an effect there.
        self.lengths = keras.Variable([warmup_steps, total_steps], dtype="float32", trainable=False)

    def shorten(self, batches: float) -> None:
        """Plan for so many batches, at most those of `total_steps`; the warm-up shrinks as much."""
        share = min(1.0, batches / max(1, self.total_steps * self.batches_per_step))
        self.lengths.assign([round(self.warmup_steps * share), max(1, round(self.total_steps * share))])

    def __call__(self, step):
        if self.batches_per_step > 1:
            step = ops.floor_divide(step, self.batches_per_step)
        step = ops.cast(step, "float32") + 1.0
        rise = step / ops.maximum(self.lengths[0], 1.0)
        return ops.where(rise < 1.0, self.peak * rise, self.decay(step))

    @abstractmethod
    def decay(self, step):
        """Return the learning rate of a step after the warm-up, counted from 1."""

    def done(self, step):
        """Return the share of the steps after the warm-up that are done, at most 1."""
        warmup, total = self.lengths[0], self.lengths[1]
        done = (step - warmup) / ops.maximum(total - warmup, 1.0)
        return ops.clip(done, 0.0, 1.0)

    def get_config(self):
        names = ("peak", "final", "warmup_steps", "total_steps", "batches_per_step")
        return {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable("seqapp")
class WarmupCosine(WarmupSchedule):
    """Cosine decay to `final` (Loshchilov and Hutter 2017, "SGDR", without restarts)."""

    def decay(self, step):
        fall = 0.5 * (1.0 + ops.cos(math.pi * self.done(step)))
        return self.final + (self.peak - self.final) * fall


@keras.saving.register_keras_serializable("seqapp")
class WarmupLinear(WarmupSchedule):
    """Linear decay to `final`."""

    def decay(self, step):
        return self.peak + (self.final - self.peak) * self.done(step)


@keras.saving.register_keras_serializable("seqapp")
class WarmupInverseSqrt(WarmupSchedule):
    """Decay with the inverse square root of the step (Vaswani et al. 2017, equation 3, scaled to `peak`).

    `final` has no effect.
    """

    def decay(self, step):
        return self.peak * ops.sqrt(ops.maximum(self.lengths[0], 1.0) / step)


@keras.saving.register_keras_serializable("seqapp")
class WarmupConstant(WarmupSchedule):
    """`peak` from the end of the warm-up on; `final` has no effect."""

    def decay(self, step):
        return self.peak * ops.ones_like(step)


SCHEDULES: dict[str, type[WarmupSchedule]] = {
    "cosine": WarmupCosine,
    "linear": WarmupLinear,
    "inverse_sqrt": WarmupInverseSqrt,
    "constant": WarmupConstant,
}


def learning_rate_schedule(settings: FitConfig, batches: int) -> WarmupSchedule:
    """Return the schedule of a training of so many batches.

    Raises:
        ConfigError: a step of the optimizer takes more batches than the training has.
    """
    if settings.accumulated_batches > batches:
        raise ConfigError(
            f"training.accumulated_batches must be at most {batches}, the batches of this training, got "
            f"{settings.accumulated_batches}"
        )
    steps = batches // settings.accumulated_batches
    return SCHEDULES[settings.schedule](
        settings.learning_rate,
        settings.final_learning_rate,
        round(steps * settings.warmup_fraction),
        steps,
        settings.accumulated_batches,
    )
