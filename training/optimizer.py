"""The optimizer of a training, from its settings."""

import keras

from seqapp.config import FitConfig
from seqapp.errors import ConfigError
from seqapp.optimizers import FusedAdam
from training.schedule import learning_rate_schedule


def make_optimizer(
    settings: FitConfig, batches: int, model: keras.Model
) -> keras.optimizers.Optimizer:
    """Return Adam with the schedule, clipping, weight decay and accumulation of the settings.

    With ``mixed_float16`` it is wrapped in Keras's dynamic loss scaling.

    Args:
        settings: training settings.
        batches: batches of the whole training.
        model: the built model to train.

    Raises:
        ConfigError: a step of the optimizer takes more batches than the training has.
    """
    _check_steps(settings, batches)
    accumulated = settings.accumulated_batches
    optimizer = FusedAdam(
        learning_rate_schedule(settings, batches),
        global_clipnorm=settings.clip_norm,
        weight_decay=settings.weight_decay or None,
        gradient_accumulation_steps=accumulated if accumulated > 1 else None,
    )
    if settings.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=not_decayed(model))
    if settings.precision == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer


def _check_steps(settings: FitConfig, batches: int) -> None:
    if settings.accumulated_batches > batches:
        raise ConfigError(
            f"training.accumulated_batches must be at most {batches}, the batches of this training, got "
            f"{settings.accumulated_batches}"
        )


def not_decayed(model: keras.Model) -> list[keras.Variable]:
    """Return the weights without weight decay: biases, normalisation, embeddings, vectors of scores.

    Keras gives the matrices of products a name that ends in ``kernel``.
    """
    return [weight for weight in model.trainable_variables if not weight.name.endswith("kernel")]
