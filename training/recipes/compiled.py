"""The optimizer that all tasks share."""

import keras

from seqapp.config import FitConfig
from training.optimizer import FusedAdam
from training.schedule import WarmupCosine


def compile_model(
    model: keras.Model,
    settings: FitConfig,
    steps: int,
    loss: keras.losses.Loss,
    metric: keras.metrics.Metric,
) -> None:
    """Compiles `model` with Adam, warm-up and decay over all epochs of `steps` batches each."""
    total = steps * settings.epochs
    schedule = WarmupCosine(
        settings.learning_rate, settings.final_learning_rate, round(total * settings.warmup_fraction), total
    )
    model.compile(
        optimizer=FusedAdam(schedule, global_clipnorm=settings.clip_norm),
        loss=loss,
        weighted_metrics=[metric],
        jit_compile=False,  # XLA compiles every shape anew and is slower here
    )
