"""Fine-tuning: Keras's `fit` on the network of a trained task."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from seqapp.optimizers import FusedAdam
from seqapp.tasks.base import Task
from seqapp.tasks.examples import batches

# Fine-tuning begins where training ended: a small share of the rate that training began with.
_RATE_SHARE = 0.1


def usual_rate(task: Task) -> float:
    """The learning rate of a fine-tuning: a tenth of the peak rate of the training."""
    return float(task.config.training.learning_rate * _RATE_SHARE)


def compile_network(task: Task, rate: float) -> None:
    """Compiles the network with the loss and the metric of its task, and a constant learning rate."""
    task.model.compile(
        optimizer=FusedAdam(rate, global_clipnorm=task.config.training.clip_norm),
        loss=task.loss(),
        weighted_metrics=[task.metric()],
        jit_compile=False,
    )


def fine_tune(
    task: Task,
    columns: Mapping[str, list[str]],
    validation: Mapping[str, list[str]] | None,
    *,
    epochs: int,
    batch_size: int,
    rate: float,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback],
    verbose: Any,
) -> keras.callbacks.History:
    """Continues the training of the network; with validation examples also fits the calibration.

    Args:
        task: changed in place.
        columns, validation: feature → column.
        epochs: passes over the examples.
        batch_size: examples per batch.
        rate: constant learning rate.
        seed: of shuffling and dropout.
        callbacks, verbose: of Keras.

    Raises:
        DataError: no usable example, or a label that the task does not have.
        ConfigError: an argument is out of its range, or the model has no network.
    """
    _seed_dropout(task.model, seed)
    train = batches(task, columns, batch_size, seed)
    held_out = validation and batches(task, validation, batch_size, argument="validation_data")
    compile_network(task, rate)
    history = task.model.fit(
        train,
        validation_data=held_out,
        epochs=epochs,
        shuffle=False,  # `train` shuffles
        callbacks=list(callbacks),
        verbose=verbose,
    )
    if validation is not None:
        task.calibrate(validation)
    return history


def _seed_dropout(model: keras.Model, seed: int) -> None:
    """Begins every random stream of the network anew; `tf.random.set_seed` would break live tokenizers."""
    states = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    for stream, state in enumerate(states):
        state.assign([seed % 2**32, stream])
