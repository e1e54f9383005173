"""Trains a task on splits and leaves a complete run directory."""

import json
import random
import time
from collections.abc import Sequence
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
from training.data.kept_rows import write_rows
from training.data.splits import Row, Splits
from training.evaluation.plots import learning_curve
from training.init_from import initial_task
from training.kept import Kept
from training.progress import Progress
from training.run_place import place_to_train
from training.schedule import WarmupCosine
from training.tasks.recipe import Recipe
from training.tasks.registry import chapter_of

LEARNING_CURVE = "learning_curve.png"
TENSORBOARD = "tensorboard"


def fit(
    config: TaskConfig,
    splits: Splits,
    run: Path,
    console: Console,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    overwrite: bool = False,
    tensorboard: bool = False,
) -> dict[str, Any]:
    """Trains, keeps the best weights, scores them on the test split.

    Args:
        config: all settings.
        splits: rows to train, validate and test on.
        run: the run directory to write.
        console: where progress goes.
        callbacks: further Keras callbacks.
        overwrite: replace another training in `run`, once this one is complete.
        tensorboard: also write TensorBoard's files into the run.

    Returns:
        What ``metrics.json`` then holds.

    Raises:
        DataError: a split is empty.
        RunDirectoryError: `run` holds something else.
        ConfigError: the loss was no number from the first epoch on.
        KeyboardInterrupt: the training was stopped; says what is kept.
    """
    for part in PARTS:
        if not getattr(splits, part):
            raise DataError(f"{part}: expected at least one row, got none")
    place = place_to_train(run, describe_run(config.task, config, splits.provenance), overwrite)
    if place is None:
        say_on_interrupt(lambda: f"stopped; {run} is as it was")
        console.print(f"{run} is trained already with these settings and rows; it is kept", soft_wrap=True)
        return json.loads((run / METRICS_FILE).read_text(encoding="utf-8"))
    if place != run:
        console.print(f"{run} keeps its weights until the new run in {place} is complete", soft_wrap=True)
    if tensorboard:
        callbacks = [keras.callbacks.TensorBoard(place / TENSORBOARD), *callbacks]
    kept = Kept(run, place)
    say_on_interrupt(lambda: f"stopped {kept.sentence()}")
    try:
        metrics = _train(config, splits, place, console, callbacks, kept)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(kept.sentence()) from None
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
    kept: Kept,
) -> dict[str, Any]:
    began = time.monotonic()
    # Keras seeds weights and dropout from here. tf.random.set_seed would break every live tokenizer,
    # see `Subwords`.
    random.seed(config.training.seed)
    rows = _drawn(splits.train, config.training, console)
    chapter = chapter_of(config.task)
    task = initial_task(config, chapter.learnt_from(config, rows))
    start_run(run, task, splits.provenance)
    keep_rows(run, splits, rows)
    recipe = chapter.recipe(task)
    best, history = _fit(recipe, rows, splits, run, console, callbacks, kept)
    if not best.epoch:
        raise ConfigError(
            "training.learning_rate: the loss was no number before the first epoch ended; expected a rate "
            f"below {config.training.learning_rate:g}"
        )
    # Assets are as of the best epoch, like the weights.
    task = load_task(run)
    load_weights(run, task)
    recipe = chapter.recipe(task)
    learning_curve(history.rows, history_panels(recipe.shown), run / LEARNING_CURVE)
    seconds = round(time.monotonic() - began, 1)
    console.print(
        f"trained in {seconds:,.0f} s; best epoch {best.epoch}; scoring {len(splits.test):,} test rows"
    )
    shown = recipe.shown
    metrics = {
        **recipe.metrics(splits, rows, run),
        "best_epoch": best.epoch,
        shown.score: history.rows[best.epoch - 1][shown.score],
        "training_seconds": seconds,
        shown.rate: max(row[shown.rate] for row in history.rows),
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
    kept: Kept,
) -> tuple[BestWeights, History]:
    """Runs all epochs."""
    task, settings = recipe.task, recipe.task.config.training
    train = recipe.batches(rows, training=True)
    valid = recipe.batches(splits.valid, training=False)
    console.print(recipe.summary(train), highlight=False, soft_wrap=True)
    recipe.prepare(rows, splits.valid, console)
    save_assets(run, task)
    compile_model(recipe, train.steps)
    shown = recipe.shown
    progress = Progress(console, train.steps, recipe.amount(train), shown)
    best, history = BestWeights(run, task, shown.decides), History(run, shown)
    end = EpochEnd(console, shown, progress, recipe.validate(splits.valid), history, best, kept)
    try:
        task.model.fit(
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
    return best, history


def compile_model(recipe: Recipe, steps: int) -> None:
    """Compiles the model with Adam, warm-up and decay over all epochs of `steps` batches each."""
    settings = recipe.task.config.training
    total = steps * settings.epochs
    schedule = WarmupCosine(
        settings.learning_rate, settings.final_learning_rate, round(total * settings.warmup_fraction), total
    )
    recipe.task.model.compile(
        optimizer=FusedAdam(schedule, global_clipnorm=settings.clip_norm),
        loss=recipe.loss(),
        weighted_metrics=[recipe.metric()],
        jit_compile=False,  # XLA compiles every shape anew and is slower here
    )


def keep_rows(run: Path, splits: Splits, trained: Sequence[Row]) -> None:
    """Writes the rows into the run, so that it can be scored again with nothing else."""
    for part, rows in zip(PARTS, (trained, splits.valid, splits.test), strict=True):
        path = split_file(run, part)
        path.parent.mkdir(exist_ok=True)
        write_rows(path, rows)


def _drawn(rows: Sequence[Row], settings: FitConfig, console: Console) -> Sequence[Row]:
    if settings.max_examples is None or len(rows) <= settings.max_examples:
        return rows
    console.print(f"this preset trains on {settings.max_examples:,} of the {len(rows):,} rows")
    return random.Random(settings.seed).sample(list(rows), settings.max_examples)  # noqa: S311
