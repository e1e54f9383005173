"""Training of a task: from splits to a complete run directory."""

import errno
import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from rich.console import Console

from seqapp.atomic_files import remove_unfinished, write_json
from seqapp.config import TaskConfig
from seqapp.errors import ConfigError, DataError, RunDirectoryError
from seqapp.interrupts import say_on_interrupt
from seqapp.run_directory import (
    CHECKPOINT_FILE,
    CONFIG_FILE,
    DATA,
    METRICS_FILE,
    PARTS,
    describe_run,
    load_task,
    load_weights,
    replace_run,
    split_file,
    start_run,
)
from training.callbacks import history_panels
from training.checkpoint import read_checkpoint
from training.console import print_text
from training.data.corpora.registry import DEFAULT_CACHE
from training.data.kept_rows import write_rows
from training.data.shards.stored_rows import sample_of
from training.data.splits import Row, Splits
from training.epochs import Means, Trained, train_epochs
from training.evaluation.plots import learning_curve
from training.event_files import EventFiles
from training.fit_without_epochs import fit_without_epochs
from training.init_from import initial_task
from training.precision import training_precision
from training.run_place import place_to_train
from training.sample import subsample
from training.stop_message import StopMessage
from training.tasks.chapter import Preparation
from training.tasks.recipe import Recipe
from training.tasks.registry import chapter_of
from training.workers.lost_worker import lost_worker
from training.workers.workers import Workers

LEARNING_CURVE = "learning_curve.png"
TENSORBOARD = "tensorboard"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_WRITABLE = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
DISTILLED = "distilled.tsv.gz"  # rows trained on, where they are not those of the data


def fit(
    config: TaskConfig,
    splits: Splits,
    run: Path,
    console: Console,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    overwrite: bool = False,
    tensorboard: bool = False,
    cache: Path = DEFAULT_CACHE,
    checkpoint_minutes: float = 10.0,
    workers: Workers | None = None,
) -> dict[str, Any]:
    """Train, keep the best or the averaged weights, and score them on the test split.

    Args:
        config: all settings.
        splits: training, validation and test rows.
        run: the run directory to write.
        console: output of progress.
        callbacks: further Keras callbacks.
        overwrite: replace another training in `run`, once this one is complete.
        tensorboard: also write TensorBoard event files into the run.
        cache: directory for files that later trainings use again.
        checkpoint_minutes: between two checkpoints within an epoch; there is one after each epoch, too.
        workers: the other workers of the training; None for a single one.

    Returns:
        The content of ``metrics.json``.

    Raises:
        DataError: a split is empty.
        RunDirectoryError: `run` holds another training, is not a run, or cannot be written.
        ConfigError: the loss was not finite in the first epoch.
        WorkerLostError: another worker has ended.
        KeyboardInterrupt: the training was stopped; the message says what is saved.
    """
    began = time.monotonic()
    workers = workers or Workers()
    for part in PARTS:
        if not getattr(splits, part):
            raise DataError(f"the {part} split has no rows; expected at least one")
    origin = chapter_of(config.task).origin(config)
    splits = replace(splits, provenance={**splits.provenance, **origin})
    place = place_to_train(run, describe_run(config.task, config, splits.provenance), overwrite)
    if place is None:
        workers.begin(None)
        say_on_interrupt(lambda: f"stopped; {run} is unchanged")
        print_text(console, f"{run} is already trained with these settings and rows; it is kept")
        return json.loads((run / METRICS_FILE).read_text(encoding="utf-8"))
    directory = place.directory
    if directory != run:
        print_text(console, f"{run} is replaced once the new run in {directory} is complete")
    if tensorboard:
        callbacks = [EventFiles(directory / TENSORBOARD), *callbacks]
    stop_message = StopMessage(run, directory)
    say_on_interrupt(lambda: f"stopped {stop_message.sentence()}")
    means = Means(directory, console, stop_message, began, callbacks, checkpoint_minutes, workers)
    try:
        metrics = _train(config, splits, means, cache, place.goes_on)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(stop_message.sentence()) from None
    except tf.errors.OpError as error:
        raise lost_worker(error, stop_message.without_a_worker()) from error
    except OSError as error:
        # Some errors of h5py have no number.
        if error.errno not in {None} | _FULL | _NOT_WRITABLE:
            raise
        reason = error.strerror or error
        raise RunDirectoryError(f"{directory}: {reason}; {stop_message.after_an_error()}") from error
    if directory != run:
        replace_run(run, directory)
    say_on_interrupt(lambda: f"stopped; {run} is trained and scored")
    return metrics


def _train(
    config: TaskConfig, splits: Splits, means: Means, cache: Path, goes_on: bool
) -> dict[str, Any]:
    run, console = means.run, means.console
    # Keras seeds weights and dropout from here.
    random.seed(config.training.seed)
    rows = subsample(splits.train, config.training, console)
    chapter = chapter_of(config.task)
    preparation = Preparation(cache, console, means.stop_message.add)
    trained_on = chapter.training_rows(config, rows, splits.test, preparation)
    checkpoint = read_checkpoint(run) if goes_on else None
    if checkpoint is None:
        with training_precision(config.training.precision):
            task = initial_task(config, chapter.learnt_from(config, trained_on))
        start_run(run, task, splits.provenance)
        keep_rows(run, splits, rows)
        if trained_on is not rows:
            write_rows(run / DATA / DISTILLED, trained_on)
    else:
        remove_unfinished(run)
        write_json(run / CONFIG_FILE, describe_run(config.task, config, splits.provenance))
        with training_precision(config.training.precision):
            task = load_task(run)
    recipe = chapter.recipe(task)
    if not recipe.has_epochs:
        seconds = fit_without_epochs(recipe, trained_on, splits.valid, means)
        return _scored(run, splits, rows, seconds, console)
    means.workers.begin(run)
    trained = train_epochs(recipe, trained_on, splits.valid, means, checkpoint)
    if not trained.best.epoch:
        (run / CHECKPOINT_FILE).unlink(missing_ok=True)
        raise ConfigError(
            "the loss was NaN or infinite in the first epoch; training.learning_rate must be below "
            f"{config.training.learning_rate:g}"
        )
    return _scored(run, splits, rows, trained.seconds, console, trained)


def _scored(
    run: Path,
    splits: Splits,
    rows: Sequence[Row],
    seconds: float,
    console: Console,
    trained: Trained | None = None,
) -> dict[str, Any]:
    """Score the run on the test rows, and write ``metrics.json``; `trained` is None without epochs."""
    # Reload: assets and weights of the best epoch, or the average.
    task = load_task(run)
    load_weights(run, task)
    recipe = chapter_of(task.name).recipe(task)
    best = "" if trained is None else f"; best epoch {trained.best.epoch}"
    if trained is not None:
        recipe.finish(splits.valid, run, console)
    console.print(f"trained in {seconds:,.0f} s{best}; scoring {len(splits.test):,} test rows")
    metrics = {
        **recipe.metrics(splits, sample_of(rows), run),
        **({"training_seconds": round(seconds, 1)} if trained is None else _of_epochs(recipe, trained, run)),
        "parameters": task.model.count_params(),
    }
    write_json(run / METRICS_FILE, metrics)
    return metrics


def _of_epochs(recipe: Recipe, trained: Trained, run: Path) -> dict[str, Any]:
    """Draw the learning curve, and return the entries of ``metrics.json`` on the epochs."""
    labels, history, best = recipe.progress_labels, trained.history.rows, trained.best.epoch
    learning_curve(history, history_panels(labels), run / LEARNING_CURVE)
    return {
        "best_epoch": best,
        labels.score: history[best - 1][labels.score],
        **trained.averaged,
        "training_seconds": round(trained.seconds, 1),
        labels.rate: max(row[labels.rate] for row in history),
    }


def keep_rows(run: Path, splits: Splits, trained: Sequence[Row]) -> None:
    """Write the rows into the run, so that it can be scored again without the source data."""
    for part, rows in zip(PARTS, (trained, splits.valid, splits.test), strict=True):
        path = split_file(run, part)
        path.parent.mkdir(exist_ok=True)
        write_rows(path, rows)
