"""The compiled model of a training."""

import keras

from training.optimizer import make_optimizer
from training.schedule import WarmupSchedule, learning_rate_schedule
from training.tasks.recipe import Recipe


def compile_model(recipe: Recipe, steps: int, schedule: WarmupSchedule | None = None) -> keras.Model:
    """Return the model to train, with an optimizer for all epochs of `steps` batches each.

    Args:
        recipe: network, loss and metric.
        steps: batches per epoch.
        schedule: of the learning rate; None for that of the settings.
    """
    settings = recipe.task.config.training
    total = steps * settings.epochs
    model = recipe.network(total)
    model.compile(
        optimizer=make_optimizer(settings, schedule or learning_rate_schedule(settings, total), model),
        loss=recipe.loss(),
        weighted_metrics=[recipe.metric()],
        jit_compile=False,  # XLA recompiles for every shape and is slower here
    )
    return model
