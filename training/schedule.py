"""The learning rate over the steps of a training."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable("seqapp")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Linear rise to `peak` over the warm-up, then half a cosine down to `final`.

    Source: Loshchilov and Hutter 2017, "SGDR", without restarts.

    Args:
        peak: highest rate.
        final: rate at the last step and after it.
        warmup_steps: steps of the rise.
        total_steps: steps of the whole training.
    """

    def __init__(self, peak: float, final: float, warmup_steps: int, total_steps: int) -> None:
        self.peak = peak
        self.final = final
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps

    def __call__(self, step):
        step = ops.cast(step, "float32") + 1.0
        rise = step / max(1, self.warmup_steps)
        done = (step - self.warmup_steps) / max(1, self.total_steps - self.warmup_steps)
        fall = 0.5 * (1.0 + ops.cos(math.pi * ops.clip(done, 0.0, 1.0)))
        return ops.where(rise < 1.0, self.peak * rise, self.final + (self.peak - self.final) * fall)

    def get_config(self):
        return {
            "peak": self.peak,
            "final": self.final,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
        }
