"""Trains a task on splits and leaves a complete run directory."""

import random
import time
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from seqapp.config import FitConfig
from seqapp.errors import DataError
from seqapp.run_directory import DATA, METRICS_FILE, load_weights, start_run, write_json
from seqapp.tasks.catalogue import TaskConfig, task_class
from training.callbacks import BestWeights, EpochReport, History, StopAtNonsense
from training.data.pairs_file import write_pairs
from training.data.splits import Splits
from training.evaluation.plots import learning_curve
from training.progress import Progress
from training.recipes.catalogue import recipe_of

LEARNING_CURVE = "learning_curve.png"


def fit(
    config: TaskConfig,
    splits: Splits,
    run: Path,
    console: Console,
    callbacks: list[keras.callbacks.Callback] | None = None,
) -> dict[str, Any]:
    """Trains, keeps the best weights, scores them on the test split.

    Args:
        config: all settings.
        splits: rows to train, validate and test on.
        run: the run directory to write.
        console: where progress goes.
        callbacks: further Keras callbacks.

    Returns:
        What ``metrics.json`` then holds.

    Raises:
        DataError: a split is empty.
        RunDirectoryError: `run` holds something else.
    """
    for part in ("train", "valid", "test"):
        if not getattr(splits, part):
            raise DataError(f"{part}: expected at least one row, got none")
    began = time.monotonic()
    # Keras seeds weights and dropout from here. tf.random.set_seed would break every live tokenizer,
    # see `Subwords`.
    random.seed(config.training.seed)
    pairs = _drawn(splits.train, config.training, console)
    task = task_class(config.task).from_pairs(config, pairs)
    start_run(run, task, splits.provenance)
    keep_splits(run, splits, pairs)

    recipe = recipe_of(task)
    train = recipe.batches(pairs, training=True)
    valid = recipe.batches(splits.valid, training=False)
    console.print(recipe.summary(train), highlight=False, soft_wrap=True)
    recipe.prepare(pairs, splits.valid, console)
    recipe.compile(train.steps)
    shown = recipe.shown
    # Validation and samples come before what stores their results.
    progress = Progress(console, train.steps, recipe.amount(train), shown)
    best, history = BestWeights(run, task, shown.decides), History(run, shown)
    report = EpochReport(console, shown, recipe.validate(splits.valid))
    try:
        task.model.fit(
            train.dataset,
            validation_data=valid.dataset,
            epochs=config.training.epochs,
            shuffle=False,
            verbose=0,
            callbacks=[progress, report, best, history, StopAtNonsense(), *(callbacks or [])],
        )
    finally:
        progress.close()
    load_weights(run, task)
    learning_curve(history.rows, run / LEARNING_CURVE)

    seconds = round(time.monotonic() - began, 1)
    console.print(
        f"trained in {seconds:,.0f} s; best epoch {best.best_epoch}; scoring {len(splits.test):,} test rows"
    )
    metrics = {
        **recipe.metrics(splits, pairs, run),
        "best_epoch": best.best_epoch,
        shown.score: history.rows[best.best_epoch - 1][shown.score],
        "training_seconds": seconds,
        shown.rate: max(row[shown.rate] for row in history.rows),
        "parameters": task.model.count_params(),
    }
    write_json(run / METRICS_FILE, metrics)
    return metrics


def keep_splits(run: Path, splits: Splits, trained: list[tuple[str, str]]) -> None:
    """Writes the pairs into the run, so that it can be scored again with nothing else."""
    folder = run / DATA
    folder.mkdir(exist_ok=True)
    for name, pairs in (("train", trained), ("valid", splits.valid), ("test", splits.test)):
        write_pairs(folder / f"{name}.tsv.gz", pairs)


def _drawn(pairs: list[tuple[str, str]], settings: FitConfig, console: Console) -> list[tuple[str, str]]:
    if settings.max_pairs is None or len(pairs) <= settings.max_pairs:
        return pairs
    console.print(f"this preset trains on {settings.max_pairs:,} of the {len(pairs):,} pairs")
    return random.Random(settings.seed).sample(pairs, settings.max_pairs)  # noqa: S311
