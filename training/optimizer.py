"""The optimizer of a training, from its settings."""

import keras

from seqapp.config import FitConfig
from seqapp.optimizers import FusedAdam
from training.schedule import WarmupSchedule


def make_optimizer(
    settings: FitConfig, schedule: WarmupSchedule, model: keras.Model
) -> keras.optimizers.Optimizer:
    """Return Adam with the schedule, clipping, weight decay and accumulation of the settings.

    With ``mixed_float16`` it is wrapped in Keras's dynamic loss scaling.

    Args:
        settings: training settings.
        schedule: of the learning rate.
        model: the built model to train.
    """
    accumulated = settings.accumulated_batches
    optimizer = FusedAdam(
        schedule,
        global_clipnorm=settings.clip_norm,
        weight_decay=settings.weight_decay or None,
        gradient_accumulation_steps=accumulated if accumulated > 1 else None,
    )
    if settings.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=not_decayed(model))
    if settings.precision == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def not_decayed(model: keras.Model) -> list[keras.Variable]:
    """Return the weights without weight decay: biases, normalisation, embeddings, vectors of scores.

    Keras gives the matrices of products a name that ends in ``kernel``.
    """
    return [weight for weight in model.trainable_variables if not weight.name.endswith("kernel")]
