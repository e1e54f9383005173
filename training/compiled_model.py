"""The compiled model of a training."""

import keras

from training.optimizer import make_optimizer
from training.tasks.recipe import Recipe


def compile_model(recipe: Recipe, steps: int) -> keras.Model:
    """Return the model to train, with an optimizer for all epochs of `steps` batches each."""
    settings = recipe.task.config.training
    total = steps * settings.epochs
    model = recipe.network(total)
    model.compile(
        optimizer=make_optimizer(settings, total, model),
        loss=recipe.loss(),
        weighted_metrics=[recipe.metric()],
        jit_compile=False,  # XLA recompiles for every shape and is slower here
    )
    return model
