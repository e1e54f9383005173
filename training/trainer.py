"""Training of a task: from splits to a complete run directory."""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from seqapp.atomic_files import write_json
from seqapp.config import FitConfig, TaskConfig
from seqapp.errors import ConfigError, DataError
from seqapp.interrupts import say_on_interrupt
from seqapp.optimizers import FusedAdam
from seqapp.run_directory import (
    DATA,
    METRICS_FILE,
    PARTS,
    describe_run,
    load_task,
    load_weights,
    replace_run,
    save_assets,
    split_file,
    start_run,
)
from training.callbacks import BestWeights, EpochEnd, History, history_panels
from training.console import print_text
from training.data.corpora.registry import DEFAULT_CACHE
from training.data.kept_rows import write_rows
from training.data.splits import Row, Splits
from training.evaluation.plots import learning_curve
from training.init_from import initial_task
from training.progress import Progress
from training.run_place import place_to_train
from training.schedule import WarmupCosine
from training.stop_message import StopMessage
from training.tasks.chapter import Preparation
from training.tasks.recipe import Recipe
from training.tasks.registry import chapter_of
from training.weight_averaging import epoch_weights, keep_average

LEARNING_CURVE = "learning_curve.png"
TENSORBOARD = "tensorboard"
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

    Returns:
        The content of ``metrics.json``.

    Raises:
        DataError: a split is empty.
        RunDirectoryError: `run` holds another training, or is not a run.
        ConfigError: the loss was not finite in the first epoch.
        KeyboardInterrupt: the training was stopped; the message says what is saved.
    """
    for part in PARTS:
        if not getattr(splits, part):
            raise DataError(f"the {part} split has no rows; expected at least one")
    origin = chapter_of(config.task).origin(config)
    splits = replace(splits, provenance={**splits.provenance, **origin})
    place = place_to_train(run, describe_run(config.task, config, splits.provenance), overwrite)
    if place is None:
        say_on_interrupt(lambda: f"stopped; {run} is unchanged")
        print_text(console, f"{run} is already trained with these settings and rows; it is kept")
        return json.loads((run / METRICS_FILE).read_text(encoding="utf-8"))
    if place != run:
        print_text(console, f"{run} is replaced once the new run in {place} is complete")
    if tensorboard:
        callbacks = [keras.callbacks.TensorBoard(place / TENSORBOARD), *callbacks]
    stop_message = StopMessage(run, place)
    say_on_interrupt(lambda: f"stopped {stop_message.sentence()}")
    try:
        metrics = _train(config, splits, place, console, callbacks, stop_message, cache)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(stop_message.sentence()) from None
    if place != run:
        replace_run(run, place)
    say_on_interrupt(lambda: f"stopped; {run} is trained and scored")
    return metrics


def _train(
    config: TaskConfig,
    splits: Splits,
    run: Path,
    console: Console,
    callbacks: Sequence[keras.callbacks.Callback],
    stop_message: StopMessage,
    cache: Path,
) -> dict[str, Any]:
    began = time.monotonic()
    # Keras seeds weights and dropout from here.
    random.seed(config.training.seed)
    rows = _subsample(splits.train, config.training, console)
    chapter = chapter_of(config.task)
    means = Preparation(cache, console, stop_message.add)
    trained = chapter.training_rows(config, rows, splits.test, means)
    task = initial_task(config, chapter.learnt_from(config, trained))
    start_run(run, task, splits.provenance)
    keep_rows(run, splits, rows)
    if trained is not rows:
        write_rows(run / DATA / DISTILLED, trained)
    recipe = chapter.recipe(task)
    best, averaged, history = _fit(recipe, trained, splits, run, console, callbacks, stop_message)
    if not best.epoch:
        raise ConfigError(
            "the loss was NaN or infinite in the first epoch; training.learning_rate must be below "
            f"{config.training.learning_rate:g}"
        )
    # Reload: assets and weights of the best epoch, or the average.
    task = load_task(run)
    load_weights(run, task)
    recipe = chapter.recipe(task)
    learning_curve(history.rows, history_panels(recipe.progress_labels), run / LEARNING_CURVE)
    seconds = round(time.monotonic() - began, 1)
    console.print(
        f"trained in {seconds:,.0f} s; best epoch {best.epoch}; scoring {len(splits.test):,} test rows"
    )
    labels = recipe.progress_labels
    metrics = {
        **recipe.metrics(splits, rows, run),
        "best_epoch": best.epoch,
        labels.score: history.rows[best.epoch - 1][labels.score],
        **averaged,
        "training_seconds": seconds,
        labels.rate: max(row[labels.rate] for row in history.rows),
        "parameters": task.model.count_params(),
    }
    write_json(run / METRICS_FILE, metrics)
    return metrics


def _fit(
    recipe: Recipe,
    rows: Sequence[Row],
    splits: Splits,
    run: Path,
    console: Console,
    callbacks: Sequence[keras.callbacks.Callback],
    stop_message: StopMessage,
) -> tuple[BestWeights, dict[str, Any], History]:
    """Run all epochs, and average the weights as set.

    Returns:
        The best epoch, the entries of ``metrics.json`` on the average if it is kept, and the history.
    """
    task, settings = recipe.task, recipe.task.config.training
    train = recipe.make_batches(rows, training=True)
    valid = recipe.make_batches(splits.valid, training=False)
    console.print(recipe.summary(train), highlight=False, soft_wrap=True)
    recipe.prepare(rows, splits.valid, console)
    save_assets(run, task)
    model = compile_model(recipe, train.steps)
    labels = recipe.progress_labels
    progress = Progress(console, train.steps, recipe.units_per_epoch(train), labels)
    best, history = BestWeights(run, task, labels.monitor), History(run, labels)
    validate = recipe.validate(splits.valid)
    with epoch_weights(run, task.model, labels.monitor, settings) as stored:
        end = EpochEnd(
            console, labels, progress, validate, history, best, stop_message, stored.offer
        )
        try:
            model.fit(
                train.epochs(0, settings.epochs),
                steps_per_epoch=train.steps,
                validation_data=valid.epochs(0, 1),
                epochs=settings.epochs,
                shuffle=False,
                verbose=0,
                callbacks=[progress, end, keras.callbacks.TerminateOnNaN(), *callbacks],
            )
        finally:
            progress.close()
        found = keep_average(stored, best, validate, labels, console)
    if found is None:
        return best, {}, history
    return best, {"averaged_epochs": stored.epochs, labels.score: found.scores[labels.score]}, history


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


def keep_rows(run: Path, splits: Splits, trained: Sequence[Row]) -> None:
    """Write the rows into the run, so that it can be scored again without the source data."""
    for part, rows in zip(PARTS, (trained, splits.valid, splits.test), strict=True):
        path = split_file(run, part)
        path.parent.mkdir(exist_ok=True)
        write_rows(path, rows)


def _subsample(rows: Sequence[Row], settings: FitConfig, console: Console) -> Sequence[Row]:
    if settings.max_examples is None or len(rows) <= settings.max_examples:
        return rows
    console.print(f"training on a sample of {settings.max_examples:,} of {len(rows):,} rows (preset)")
    return random.Random(settings.seed).sample(list(rows), settings.max_examples)  # noqa: S311
