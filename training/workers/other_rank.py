"""The part of a worker that is not rank 0: it trains on its rows, and writes nothing."""

import json
import tempfile
from pathlib import Path

import keras
import tensorflow as tf
from rich.console import Console

from seqapp.config import TaskConfig
from seqapp.errors import ConfigError
from seqapp.interrupts import say_on_interrupt
from seqapp.run_directory import describe_run, load_task
from training.compiled_model import compile_model
from training.data.pipeline import Batches
from training.data.splits import Splits
from training.epochs import of_least_steps
from training.precision import training_precision
from training.sample import subsample
from training.schedule import learning_rate_schedule
from training.setting_differences import run_differences
from training.tasks.chapter import Preparation
from training.tasks.registry import chapter_of
from training.workers.cluster import Cluster
from training.workers.collective import Collective
from training.workers.joint_step import JointStep
from training.workers.lost_worker import lost_worker
from training.workers.shards import sharded
from training.workers.workers import StopTogether, set_variables, unpack_run

_CONTINUES = "the same command goes on from the last checkpoint"


def train_beside(
    config: TaskConfig, splits: Splits, cluster: Cluster, console: Console, cache: Path
) -> None:
    """Train beside rank 0 until it has written the run.

    Args:
        config: all settings, as given to rank 0.
        splits: the rows, as given to rank 0.
        cluster: the workers.
        console: output.
        cache: directory for files that later trainings use again.

    Raises:
        ConfigError: rank 0 has other settings or rows.
        WorkerLostError: another worker has ended.
    """
    collective = Collective(cluster)
    say_on_interrupt(lambda: f"stopped worker {cluster.rank}; {_CONTINUES}")
    try:
        if run := collective.broadcast():
            _train(run, config, splits, collective, console, cache)
        collective.broadcast()
    except tf.errors.OpError as error:
        raise lost_worker(error, _CONTINUES) from error


def _train(
    content: bytes, config: TaskConfig, splits: Splits, collective: Collective, console: Console, cache: Path
) -> None:
    """Train the epochs that rank 0 gives. `content` is its packed run."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        unpack_run(content, place)
        model, batches, callbacks = _prepared(config, splits, place, collective, console, cache)
        while span := collective.broadcast():
            first, last, skipped = json.loads(span)
            set_variables(model, collective.broadcast(), collective.rank)
            _fit(model, batches, first, last, skipped, [*callbacks, *_of_worker(collective)])


def _prepared(
    config: TaskConfig, splits: Splits, place: Path, collective: Collective, console: Console, cache: Path
) -> tuple[keras.Model, Batches, list[keras.callbacks.Callback]]:
    """Return the model, this worker's batches and the callbacks of the recipe."""
    chapter, settings = chapter_of(config.task), config.training
    provenance = {**splits.provenance, **chapter.origin(config)}
    if different := run_differences(place, describe_run(config.task, config, provenance)):
        raise ConfigError(
            f"worker {collective.rank} has other settings or rows than worker 0: {'; '.join(different[:8])}; "
            "start all workers with the same command and the same files"
        )
    rows = subsample(splits.train, settings, console)
    rows = chapter.training_rows(config, rows, splits.test, Preparation(cache, console, lambda note: None))
    with training_precision(settings.precision):
        task = load_task(place)
    recipe = chapter.recipe(task)
    batches = of_least_steps(recipe.make_batches(rows, training=True), settings)
    schedule = learning_rate_schedule(settings, batches.steps * settings.epochs)
    model = compile_model(recipe, batches.steps, schedule)
    model.train_step = JointStep(model, collective, schedule)
    callbacks = recipe.callbacks(batches.steps)
    return model, sharded(batches, collective.rank, collective.size), callbacks


def _of_worker(collective: Collective) -> list[keras.callbacks.Callback]:
    return [keras.callbacks.TerminateOnNaN(), StopTogether(collective)]


def _fit(
    model: keras.Model,
    batches: Batches,
    first: int,
    last: int,
    skipped: int,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    model.fit(
        batches.epochs(first, last, skipped),
        steps_per_epoch=batches.steps - skipped,
        initial_epoch=first,
        epochs=last,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    )
