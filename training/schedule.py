"""Learning rate schedule."""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable("seqapp")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up to `peak`, then cosine decay to `final`.

    Source: Loshchilov and Hutter 2017, "SGDR", without restarts.

    Args:
        peak: learning rate at the end of the warm-up.
        final: learning rate from the last step on.
        warmup_steps: number of warm-up steps.
        total_steps: number of training steps.
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
