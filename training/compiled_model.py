"""The compiled model of a training."""

import keras

from seqapp.optimizers import FusedAdam
from training.schedule import WarmupCosine
from training.tasks.recipe import Recipe


def compile_model(recipe: Recipe, steps: int) -> keras.Model:
    """Return the model to train, with Adam, warm-up and decay over all epochs of `steps` batches each."""
    settings = recipe.task.config.training
    total = steps * settings.epochs
    schedule = WarmupCosine(
        settings.learning_rate, settings.final_learning_rate, round(total * settings.warmup_fraction), total
    )
    model = recipe.network(total)
    model.compile(
        optimizer=FusedAdam(schedule, global_clipnorm=settings.clip_norm),
        loss=recipe.loss(),
        weighted_metrics=[recipe.metric()],
        jit_compile=False,  # XLA recompiles for every shape and is slower here
    )
    return model
